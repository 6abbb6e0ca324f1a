// The page after the last task: what would be handed in, what is at stake, and then the signature.

import { askFaucet } from "../api.ts";
import { timeLeft, type App, type Screen } from "../app.ts";
import type { Desk } from "../desk.ts";
import { h, points, type Child } from "../dom.ts";
import type { Draft } from "../drafts.ts";
import { harmless } from "../harmless.ts";
import type { Manifest } from "../protocol.ts";
import { labelOf, type Question } from "../question.ts";
import { excerpt } from "../task.ts";
import { count, exact, moment, short } from "../units.ts";
import { depositForm } from "./account.ts";
import { refusalView, standbyWords } from "./admission.ts";
import { connectView } from "./connect.ts";
import { commitBySending, deskOf, elsewhere } from "./round.ts";

export async function reviewScreen(app: App, number: string): Promise<Screen> {
  const desk = await deskOf(app, Number(number));
  if (app.labeler === null) return { title: "Review", view: () => [connectView(app)] };
  if (!desk.isEditable && desk.seatState !== "undone") return elsewhere(app, desk, "");
  const { manifest, question } = await desk.asked();
  return new ReviewScreen(app, desk, manifest, question, desk.draft!);
}

class ReviewScreen implements Screen {
  readonly title = "Review";
  readonly #app: App;
  readonly #desk: Desk;
  readonly #manifest: Manifest;
  readonly #question: Question;
  readonly #draft: Draft;
  readonly #unwatch: () => void;
  #isMeant = false;

  constructor(app: App, desk: Desk, manifest: Manifest, question: Question, draft: Draft) {
    this.#app = app;
    this.#desk = desk;
    this.#manifest = manifest;
    this.#question = question;
    this.#draft = draft;
    this.#unwatch = draft.watch(() => app.render());
  }

  leave(): void {
    this.#unwatch();
  }

  refresh(): Promise<boolean> {
    return this.#desk.refresh();
  }

  press(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey) return false;
    if (event.key === "Backspace") return this.#go(this.#draft.marks.length - 1);
    if (event.key === "u" && this.#draft.open.length > 0) return this.#go(this.#draft.open[0]!);
    return false;
  }

  view(): Child[] {
    return [this.#hand(), this.#counts(), this.#list()];
  }

  #go(task: number): boolean {
    this.#draft.go(task);
    this.#app.goTo(`/round/${this.#desk.number}/answer`);
    return true;
  }

  // ----------------------------------------------------------------------------------- hand in

  #hand(): HTMLElement {
    return h(
      "section",
      { class: "panel", "aria-labelledby": "hand-title" },
      h("h2", { id: "hand-title" }, "Hand in"),
      ...this.#step(),
    );
  }

  #step(): Child[] {
    const { terms, phase, free, now } = this.#desk;
    const { open, marks, skipped } = this.#draft;
    const app = this.#app;
    if (phase !== "commit")
      return [
        h(
          "p",
          { class: "error" },
          "The commit phase is over: nothing can be handed in. Your answers stay in this browser.",
        ),
        h("a", { class: "button", href: "#/" }, "Other rounds"),
      ];
    if (open.length > 0)
      return [
        h(
          "p",
          {},
          `${open.length} of ${count(marks.length, "task")} ${open.length === 1 ? "is" : "are"} ` +
            "open. When all are answered or skipped, you can sign.",
        ),
        app.button("next", "Go to the next open task", () => void this.#go(open[0]!), {
          class: "primary",
        }),
      ];
    const refusal = this.#desk.reported.you?.refusal ?? null;
    if (refusal !== null && refusal.until === null)
      return [
        refusalView(refusal),
        h("p", {}, "Your answers stay in this browser, and this page looks again by itself."),
        h("div", { class: "buttons" }, h("a", { class: "button", href: "#/" }, "Other rounds")),
      ];
    const stake = exact(terms.stake, app.unit);
    const answered = marks.length - skipped;
    return [
      points(
        [
          `You hand in ${count(answered, "answer")}` +
            `${skipped > 0 ? ` and ${count(skipped, "skip")}` : ""}, and lock `,
          h("b", {}, stake),
          ". They stay secret until they are revealed.",
        ],
        [
          "It comes back, with up to ",
          h("b", { class: "pay" }, this.#money(terms.price)),
          `, if you are near what the others say. Up to ${this.#money(terms.outlierCost)} is lost as `,
          `an outlier, and ${this.#money(terms.silenceCost)} if you do not reveal.`,
        ],
        [
          h("b", {}, `Come back to reveal by ${moment(terms.revealDeadline)}`),
          ": you can as soon as all seats are taken. Commitments end in ",
          timeLeft(terms.commitDeadline, now),
          ".",
        ],
        refusal !== null && standbyWords(this.#desk),
        this.#signatures(),
      ),
      this.#idle() &&
        h(
          "p",
          { class: "notice" },
          h("input", {
            id: "meant",
            type: "checkbox",
            checked: this.#isMeant,
            onchange: (event: Event) => {
              this.#isMeant = (event.target as HTMLInputElement).checked;
              app.render();
            },
          }),
          h("label", { for: "meant" }, ` ${this.#idle()} I mean it.`),
        ),
      free < terms.stake ? this.#poor(terms.stake - free) : this.#commitButtons(),
    ];
  }

  /** What the wallet will ask. */
  #signatures(): string {
    return this.#app.isBurner
      ? "Your throw-away key signs by itself: “AnswerKey”, which unlocks your secret answers, and " +
          "“Commit”, which takes the seat for exactly this stake."
      : "Your wallet asks for two kinds of signature, neither of them a transaction: “AnswerKey”, " +
          "which unlocks your secret answers (the first time twice, to see that the wallet signs " +
          "the same again), and “Commit”, which takes the seat for exactly this stake. Sign " +
          "AnswerKey only where you answer tasks yourself.";
  }

  /** A sheet that is no better than chance is more often a slip than meant. */
  #idle(): string {
    const given = new Set(this.#draft.marks.filter((mark) => mark !== "skip"));
    if (given.size === 0) return "Everything is skipped: that earns nothing.";
    if (given.size > 1) return "";
    return "All answers are the same: that is no better than chance, and can cost stake.";
  }

  #poor(missing: bigint): HTMLElement {
    const app = this.#app;
    const has = `Your free balance is ${exact(this.#desk.free, app.unit)}: `;
    const lacks = `${exact(missing, app.unit)} is missing for the stake.`;
    if (app.isLocal && app.isBurner)
      return h(
        "div",
        {},
        h("p", {}, has + lacks),
        app.button(
          "faucet",
          "Get the stake from the faucet",
          () =>
            void app.during("Asking the faucet …", async () => {
              await askFaucet(app.labeler!.address);
              return "The stake is there.";
            }),
          { class: "primary" },
        ),
      );
    return h("div", {}, h("p", {}, has + lacks), depositForm(app, missing));
  }

  #commitButtons(): HTMLElement {
    const app = this.#app;
    const isHeld = this.#idle() !== "" && !this.#isMeant;
    return h(
      "div",
      { class: "buttons" },
      app.button("commit", "Sign and commit", () => void this.#commit(), {
        class: "primary",
        disabled: app.isBusy || isHeld,
      }),
      !app.isBurner &&
        this.#desk.reported.you?.refusal == null &&
        app.button("commit-self", "Commit with a transaction of my own", () => void this.#send(), {
          disabled: app.isBusy || isHeld,
        }),
    );
  }

  async #commit(): Promise<void> {
    const { number, terms, evidence } = this.#desk;
    const app = this.#app;
    const words = app.isBurner
      ? "Signing, and handing it in …"
      : "Look at your wallet: it asks for the answer key, and then for the commitment.";
    await app.during(words, async () => {
      await app.labeler!.sign(number, this.#draft, terms.stake, evidence);
      const handed = await app.labeler!.handIn(this.#draft);
      await this.#desk.refresh();
      return handed.status === "seated"
        ? "You have a seat."
        : "It is kept by the site, and waits for its turn.";
    });
    this.#follow();
  }

  async #send(): Promise<void> {
    await commitBySending(this.#app, this.#desk, this.#draft);
    this.#follow();
  }

  /** Once something was signed, the page of the round says how it stands. */
  #follow(): void {
    if (this.#desk.seatState !== "none") this.#app.goTo(`/round/${this.#desk.number}`);
  }

  #money(amount: bigint): string {
    return short(amount, this.#app.unit);
  }

  // -------------------------------------------------------------------------------- what is given

  #counts(): HTMLElement {
    const { marks, skipped, open } = this.#draft;
    const rows: [string, number, string][] = this.#question.options.map((name, option) => [
      harmless(name),
      marks.filter((mark) => mark === option).length,
      "",
    ]);
    rows.push(["skipped", skipped, "other"]);
    if (open.length > 0) rows.push(["open", open.length, "other"]);
    return h(
      "section",
      { "aria-labelledby": "counts-title" },
      h("h2", { id: "counts-title" }, "How often"),
      h(
        "table",
        { class: "counts" },
        ...rows.map(([name, many, kind]) =>
          h(
            "tr",
            {},
            h("th", { scope: "row", dir: "auto" }, name),
            h("td", { class: "n" }, String(many)),
            h("td", { "aria-hidden": "true" }, bar(many, marks.length, kind)),
          ),
        ),
      ),
    );
  }

  #list(): HTMLElement {
    const { options, hidden, places } = this.#question;
    const tasks = this.#manifest.tasks.map((task, nth) => {
      const mark = this.#draft.marks[nth]!;
      const place = places?.[nth];
      const label = harmless(labelOf(task));
      const about =
        place === undefined
          ? ""
          : `Item ${place.item}, ${place.name === "label" ? `“${label}”` : `${place.name} ${place.part}`}: `;
      const said = mark === null ? "open" : mark === "skip" ? "skipped" : harmless(options[mark]!);
      return h(
        "li",
        {},
        h(
          "button",
          {
            id: `task-${nth}`,
            type: "button",
            class: `row ${mark === null ? "open" : mark === "skip" ? "skipped" : ""}`,
            onclick: () => this.#go(nth),
          },
          h("span", { class: "no" }, String(nth + 1)),
          h("b", { dir: "auto" }, said),
          h("span", { class: "gist", dir: "auto" }, about + excerpt(task, hidden)),
        ),
      );
    });
    return h(
      "section",
      { "aria-labelledby": "list-title" },
      h("h2", { id: "list-title" }, "All answers"),
      h("p", { class: "aside" }, "Choose one to change it."),
      h("ol", { class: "review" }, ...tasks),
    );
  }
}

function bar(many: number, all: number, kind: string): HTMLElement {
  const meter = h("span", { class: `meter ${kind}` }, h("span", {}));
  // Set by script: a style in markup is forbidden on this page.
  (meter.firstChild as HTMLElement).style.width = `${(100 * many) / all}%`;
  return meter;
}

// A round: what it asks, pays and can cost, and what is to be done about one's own seat in it.

import { timeLeft, type App, type Screen } from "../app.ts";
import { calendarFile } from "../calendar.ts";
import { Desk } from "../desk.ts";
import { h, points, type Child } from "../dom.ts";
import type { Draft } from "../drafts.ts";
import { harmless } from "../harmless.ts";
import { LabelingError, type SeatToOpen } from "../labeler.ts";
import type { Answer } from "../protocol.ts";
import { sentence } from "../sentences.ts";
import { brief, count, exact, moment, short } from "../units.ts";
import { drawnView, refusalView, standbyWords } from "./admission.ts";
import { connectView } from "./connect.ts";
import { outcomeView } from "./outcome.ts";

const SHORT = 400; // letters of instructions

const desks = new WeakMap<App, Map<string, Desk>>();

/** The round as it is in hand, looked at again. */
export async function deskOf(app: App, number: number): Promise<Desk> {
  const known = desks.get(app) ?? new Map<string, Desk>();
  desks.set(app, known);
  const name = `${number} ${app.labeler?.address ?? ""}`;
  const desk = known.get(name);
  if (desk !== undefined) await desk.refresh();
  const found = desk ?? (await Desk.open(number, app.labeler));
  known.set(name, found);
  return found;
}

/** Another screen of the round is the right one. */
export function elsewhere(app: App, desk: Desk, path: string): Screen {
  queueMicrotask(() => app.goTo(`/round/${desk.number}${path}`));
  return { title: "One moment", view: () => [] };
}

/** Commit with a transaction of the wallet. */
export async function commitBySending(app: App, desk: Desk, draft: Draft): Promise<void> {
  const { number, terms, evidence } = desk;
  await app.during("Look at your wallet: it asks for the answer key, then to send.", async () => {
    await app.labeler!.commitBySending(number, draft, terms.stake, evidence);
    return "You have a seat.";
  });
}

export async function roundScreen(app: App, number: string): Promise<Screen> {
  const desk = await deskOf(app, Number(number));
  const round = new RoundScreen(app, desk);
  await round.prepare();
  return round;
}

class RoundScreen implements Screen {
  readonly title: string;
  readonly #app: App;
  readonly #desk: Desk;
  #flaw: string | null = null;
  #instructions = "";
  #answers: readonly Answer[] | null = null;

  constructor(app: App, desk: Desk) {
    this.#app = app;
    this.#desk = desk;
    this.title = `Round ${desk.number}`;
  }

  /** The tasks, if they can be had: instructions are shown before anybody connects. */
  async prepare(): Promise<void> {
    try {
      this.#instructions = (await this.#desk.asked()).manifest.instructions;
      this.#flaw = null;
    } catch (error) {
      this.#flaw = harmless(error instanceof Error ? error.message : String(error));
    }
  }

  async refresh(): Promise<boolean> {
    const isChanged = await this.#desk.refresh();
    if (this.#flaw !== null) await this.prepare();
    return isChanged;
  }

  heading(): Child[] {
    const { reported, number } = this.#desk;
    const asked = harmless(reported.question ?? this.#desk.wording ?? `Round ${number}`);
    return [h("span", { class: "eyebrow" }, `Round ${number}`), asked.replace(/^./u, upper)];
  }

  view(): Child[] {
    const desk = this.#desk;
    const { differences } = desk;
    return [
      this.#phases(),
      differences.length > 0 &&
        h(
          "p",
          { class: "error", role: "alert" },
          `This site says otherwise than the chain about: ${differences.join(", ")}. What is shown ` +
            "here is what the chain says. Better use another site.",
        ),
      this.#guide(),
      this.#seat(),
      this.#terms(),
    ];
  }

  /** What is asked, in the requester's words; where they are many, they can be unfolded. */
  #guide(): HTMLElement | null {
    if (this.#instructions === "") return null;
    const words = { class: "stranger", dir: "auto" };
    const text = harmless(this.#instructions, "\n");
    if (text.length <= SHORT) return h("blockquote", words, text);
    return h(
      "details",
      { id: "guide" },
      h("summary", { id: "guide-summary" }, "Instructions"),
      h("blockquote", words, text),
    );
  }

  // ------------------------------------------------------------------------------- the own seat

  #seat(): HTMLElement {
    const { seatState } = this.#desk;
    if (this.#app.labeler === null) return connectView(this.#app);
    const shown: Record<typeof seatState, () => [title: string, ...children: Child[]]> = {
      none: () => this.#free(),
      signed: () => this.#signed(),
      undone: () => this.#undone(),
      late: () => [
        "Too late for this round",
        h("p", {}, "All seats are taken, or the commit phase is over. You have no seat in it."),
        this.#desk.draft?.signed !== undefined &&
          h("p", {}, "What you signed was not used: nothing is locked for it."),
        h("p", {}, h("a", { href: "#/" }, "Find another round")),
      ],
      waiting: () => this.#waiting(),
      ready: () => this.#ready(),
      handed: () => [
        "Handed over to be revealed",
        h(
          "p",
          {},
          "The site has your answers and reveals them. The chain does not show it yet: if it takes " +
            "long, do it yourself before the time is up.",
        ),
        this.#revealButtons(),
      ],
      missed: () => [
        "Not revealed in time",
        h(
          "p",
          { class: "error" },
          `The reveal phase ended on ${moment(this.#desk.terms.revealDeadline)} without your ` +
            `answers: ${this.#money(this.#desk.terms.silenceCost)} of your stake is lost. The rest ` +
            "comes back.",
        ),
      ],
      leaked: () => [
        "Your answers were shown too early",
        h(
          "p",
          { class: "error" },
          "Somebody showed your answers to the contract while others could still commit. The seat " +
            "is slashed. Move on to a new key on the account page if you do not know how they got out.",
        ),
      ],
      revealed: () => [
        "Revealed",
        h(
          "p",
          {},
          "Nothing is left to do. The round is settled once everybody has revealed, or at the " +
            `latest after ${moment(this.#desk.terms.closeDeadline)}: then you see here what you ` +
            "earned, and why.",
        ),
        this.#ownAnswers(),
      ],
      settled: () => this.#settled(),
    };
    const [title, ...children] = shown[seatState]();
    return h(
      "section",
      { class: `panel ${seatState}`, "aria-labelledby": "seat-title" },
      h("h2", { id: "seat-title" }, title),
      ...children,
    );
  }

  #free(): [string, ...Child[]] {
    const { reported, draft, number } = this.#desk;
    const you = reported.you;
    if (this.#flaw !== null)
      return ["The tasks cannot be shown", h("p", { class: "error" }, `${this.#flaw}.`)];
    const refusal = you?.refusal ?? null;
    const isRefused = refusal !== null && refusal.until === null;
    const done = draft === null ? 0 : draft.marks.length - draft.open.length;
    return [
      done > 0 ? "Go on where you stopped" : "Take a seat",
      isRefused && refusalView(refusal),
      refusal === null && drawnView(this.#desk),
      refusal !== null && !isRefused && h("p", {}, standbyWords(this.#desk)),
      h(
        "p",
        {},
        isRefused && "You may answer all the same, and sign once you are admitted. ",
        done > 0
          ? `${done} of ${count(draft!.marks.length, "task")} done in this browser. `
          : "Answer first, then look everything over, and only then sign. ",
        "You can stop at any time.",
      ),
      h(
        "div",
        { class: "buttons" },
        h(
          "a",
          {
            id: "start",
            class: isRefused ? "button" : "button primary",
            href: `#/round/${number}/answer`,
          },
          done > 0 ? "Go on answering" : "Start answering",
        ),
      ),
    ];
  }

  #signed(): [string, ...Child[]] {
    const { reported, draft, number, terms } = this.#desk;
    const held = reported.you?.held ?? null;
    const refusal = reported.you?.refusal ?? null;
    if (held === null)
      return [
        "Signed, but not on the chain",
        h(
          "p",
          {},
          "You have signed your answers, and neither the chain nor this site shows them. Hand " +
            "them in again: nothing counts twice. If the site refuses them, look them over and " +
            "sign anew.",
        ),
        this.#again(
          "Hand in again",
          h("a", { id: "anew", class: "button", href: `#/round/${number}/review` }, "Sign anew"),
        ),
      ];
    const standsBy = refusal !== null && refusal.until !== null;
    return [
      standsBy ? "Handed in: you stand by" : "Handed in: waits for its turn",
      h(
        "p",
        {},
        standsBy
          ? standbyWords(this.#desk)
          : [
              sentence(harmless(held.reason)),
              held.until !== null && ` That ends on ${moment(held.until)}.`,
              ` To be done: ${sentence(harmless(held.remedy))}`,
            ],
      ),
      points(
        [
          "You may close this page. Leave ",
          h("b", {}, exact(terms.stake, this.#app.unit)),
          " of your balance free: the stake is locked when you get the seat.",
        ],
        [
          "If you get it, ",
          h("b", {}, `reveal by ${moment(terms.revealDeadline)}`),
          `, or lose ${this.#money(terms.silenceCost)}.`,
        ],
        "Until then show your answers to nobody: whoever has them can take your stake.",
      ),
      h(
        "div",
        { class: "buttons" },
        this.#calendar(),
        refusal === null && draft?.signed !== undefined && this.#bySending(draft),
      ),
    ];
  }

  /** The way around a site that does not hand in what it keeps. */
  #bySending(draft: Draft): Child {
    if (this.#app.isBurner) return null;
    return this.#app.button("commit-self", "Commit with a transaction of my own", () => {
      void commitBySending(this.#app, this.#desk, draft);
    });
  }

  #undone(): [string, ...Child[]] {
    const { draft, number } = this.#desk;
    return [
      "The chain has taken your seat back",
      h(
        "p",
        { class: "notice" },
        "Your seat was on the chain, and a reorganisation has undone the block it was in. Your " +
          "answers are still here, and your stake is free. Hand them in again.",
      ),
      draft?.signed !== undefined
        ? this.#again("Hand in again")
        : h("a", { class: "button primary", href: `#/round/${number}/review` }, "Commit again"),
    ];
  }

  #again(words: string, ...beside: Child[]): HTMLElement {
    const { draft } = this.#desk;
    const act = async (): Promise<string> => {
      const handed = await this.#app.labeler!.handIn(draft!);
      return handed.status === "seated"
        ? "You have a seat."
        : "It is kept by the site, and waits for its turn.";
    };
    const during = "The site is handing it in …";
    return h(
      "div",
      { class: "buttons" },
      this.#app.button("again", words, () => void this.#app.during(during, act), {
        class: "primary",
      }),
      ...beside,
    );
  }

  #waiting(): [string, ...Child[]] {
    const { terms, secrecy, phase } = this.#desk;
    const isCommit = phase === "commit";
    return [
      "You have a seat",
      h(
        "p",
        {},
        isCommit
          ? "Your answers are sealed on the chain. When all seats are taken, or at the deadline, come " +
              "back and reveal them: the page then has a button for it."
          : (secrecy ?? ""),
      ),
      points(
        isCommit
          ? ["Others commit for ", timeLeft(terms.commitDeadline, this.#desk.now), " at most."]
          : "This page looks again by itself.",
        [
          h("b", {}, `Reveal by ${moment(terms.revealDeadline)}`),
          ", or lose ",
          [`${this.#money(terms.silenceCost)} of the stake.`],
        ],
        "Until then show your answers to nobody: whoever has them can take your stake.",
        "Any browser with the same wallet can reveal: nothing needs to be kept here.",
      ),
      h("div", { class: "buttons" }, this.#calendar(), this.#ownAnswers()),
    ];
  }

  #ready(): [string, ...Child[]] {
    const { terms, now } = this.#desk;
    return [
      "Reveal your answers now",
      h(
        "p",
        {},
        "Nobody can commit any more, so your answers may be seen. You have ",
        timeLeft(terms.revealDeadline, now),
        `; who has not revealed by ${moment(terms.revealDeadline)} loses `,
        `${this.#money(terms.silenceCost)}.`,
      ),
      this.#revealButtons(),
      h("div", { class: "buttons" }, this.#calendar(), this.#ownAnswers()),
    ];
  }

  #revealButtons(): HTMLElement {
    const app = this.#app;
    const canSend = !app.isBurner;
    return h(
      "div",
      { class: "buttons" },
      app.button(
        "reveal",
        "Reveal my answers",
        () =>
          void app.during("Look at your wallet: it may ask for the answer key.", async () => {
            const handed = await app.labeler!.handOver(await this.#opening());
            await this.#settleSeat();
            return handed.status === "revealed"
              ? "Revealed."
              : "Handed over: the site reveals it with the next transaction.";
          }),
        { class: "primary" },
      ),
      canSend &&
        app.button("reveal-self", "Reveal with a transaction of my own", () => {
          void app.during("Look at your wallet: it asks for a transaction.", async () => {
            await app.labeler!.revealBySending(await this.#opening());
            await this.#settleSeat();
            return "Revealed.";
          });
        }),
    );
  }

  async #opening() {
    return this.#app.labeler!.opening(this.#toOpen(), this.#kept());
  }

  #toOpen(): SeatToOpen {
    const open = this.#desk.toOpen;
    if (open === null) throw new LabelingError("Your seat holds nothing to reveal by now.");
    return open;
  }

  #kept(): readonly Answer[] | null {
    const draft = this.#desk.draft;
    return draft !== null && draft.hasBegun && draft.open.length === 0 ? draft.answers : null;
  }

  /** The site may tell of a seat a little later than the chain. */
  async #settleSeat(): Promise<void> {
    for (let nth = 0; nth < 10; nth++) {
      await this.#desk.refresh();
      if (this.#desk.seatState !== "late") return;
      await new Promise((done) => setTimeout(done, 300));
    }
  }

  #calendar(): HTMLElement {
    const { number, terms } = this.#desk;
    const name = `plumbline-round-${number}.ics`;
    const act = (): void => {
      const text = calendarFile(
        `${this.#app.about.contract}-${number}`,
        terms.revealDeadline,
        `Reveal your answers: Plumbline round ${number}`,
        `By ${moment(terms.revealDeadline)}, or ${this.#money(terms.silenceCost)} are lost. ` +
          location.href,
        location.href,
      );
      const url = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
      h("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    };
    return this.#app.button("calendar", "Put it into my calendar", act);
  }

  /** What one has answered: kept here, or opened with the wallet. */
  #ownAnswers(): Child {
    const app = this.#app;
    const answers = this.#answers ?? this.#kept();
    if (answers === null) {
      if (this.#desk.toOpen === null) return null;
      return app.button("restore", "Get my answers back from the chain", () => {
        void app.during("Look at your wallet: it may ask for the answer key.", async () => {
          this.#answers = (await app.labeler!.restored(this.#toOpen(), null)).answers;
          return "These are your answers, opened with your wallet.";
        });
      });
    }
    const names = this.#names;
    return h(
      "details",
      { id: "own", open: this.#answers !== null },
      h("summary", { id: "own-summary" }, "My answers"),
      h(
        "ol",
        { class: "given" },
        ...answers.map((answer) =>
          h("li", { dir: "auto" }, answer === null ? "skipped" : names(answer)),
        ),
      ),
    );
  }

  get #names(): (option: number) => string {
    const options = this.#desk.options;
    return (option) => harmless(options?.[option] ?? `option ${option + 1}`);
  }

  #settled(): [string, ...Child[]] {
    const outcome = this.#desk.reported.you!.seat!.settled!;
    return [
      "What came of it",
      outcomeView(outcome, this.#desk.terms.stake, this.#app.unit),
      h(
        "div",
        { class: "buttons" },
        h("a", { class: "button primary", href: "#/account" }, "To my balance"),
        h("a", { class: "button", href: "#/" }, "Other rounds"),
        this.#ownAnswers(),
      ),
    ];
  }

  // ---------------------------------------------------------------------------------- the round

  #money(amount: bigint): string {
    return short(amount, this.#app.unit);
  }

  #phases(): HTMLElement {
    const { phase, terms, now } = this.#desk;
    const steps: [string, string, Child][] = [
      ["commit", "Commit", `${terms.committed} of ${terms.seats} seats taken`],
      ["reveal", "Reveal", `${terms.revealed} of ${terms.committed} revealed`],
      ["gold", "Settle", phase === "expired" ? "expired" : phase === "closed" ? "closed" : ""],
    ];
    const order = ["commit", "reveal", "gold"];
    const current = order.includes(phase) ? order.indexOf(phase) : 2;
    const until = [terms.commitDeadline, terms.revealDeadline, terms.closeDeadline][current]!;
    const isOver = phase === "closed" || phase === "expired";
    return h(
      "ol",
      { class: "phases", "aria-label": "Phases of the round" },
      ...steps.map(([, name, words], nth) =>
        h(
          "li",
          { "aria-current": nth === current ? "step" : false, class: nth < current ? "past" : "" },
          h("b", {}, name),
          h(
            "span",
            {},
            nth > current ? "" : words,
            nth === current &&
              !isOver &&
              until > now && [nth < 2 ? ", " : "", timeLeft(until, now)],
            nth === current && !isOver && until > now && " left",
          ),
        ),
      ),
    );
  }

  #terms(): HTMLElement {
    const { terms, reported } = this.#desk;
    const money = (amount: bigint): string => this.#money(amount);
    const record = reported.requester_record;
    const tile = (name: string, value: Child, ...small: Child[]): HTMLElement =>
      h(
        "div",
        {},
        h("dt", {}, name),
        h("dd", {}, value, small.length > 0 && h("small", {}, ...small)),
      );
    return h(
      "section",
      { "aria-labelledby": "terms-title" },
      h("h2", { id: "terms-title" }, "What you agree to"),
      h(
        "dl",
        { class: "tiles" },
        tile("Pay", money(terms.price), "at most, near the crowd"),
        tile("Stake", money(terms.stake), "locked until the round is settled"),
        tile(
          "Tasks",
          String(terms.tasks),
          terms.gold > 0 ? `${terms.gold} are gold tasks` : "no gold tasks",
        ),
        tile("Can be lost", money(terms.silenceCost), "by silence; as an outlier, at most as much"),
      ),
      points(
        "Near what the others say is paid; far from it earns and loses nothing.",
        `An outlier (no better than chance${terms.gold > 0 ? ", or failing the gold tasks" : ""}) ` +
          `loses up to ${money(terms.outlierCost)}; who never reveals loses ` +
          `${money(terms.silenceCost)}.`,
        terms.gold > 0
          ? `The answers to ${terms.gold} tasks are known already: who passes them is paid, and ` +
              "never slashed for what others say."
          : "No answers are known beforehand: only what the others say counts.",
        [
          "Asked by ",
          h("code", { title: reported.requester }, brief(reported.requester)),
          `, who has opened ${count(record.opened, "round")}: ${record.closed} closed, of which ` +
            `${record.void} void, and ${record.expired} expired.`,
        ],
        reported.admission === null
          ? "Seats go to whoever commits first."
          : reported.admission.is_drawn
            ? "Seats are drawn by lot."
            : `Not everybody is admitted. ${sentence(harmless(reported.admission.words ?? ""))}`,
        `Commitments end on ${moment(terms.commitDeadline)}, reveals on ` +
          `${moment(terms.revealDeadline)}; each ends earlier once everybody is done.`,
      ),
      h(
        "p",
        { class: "aside" },
        this.#desk.state === null
          ? "This is what the site says. Once you are connected, the page asks the chain itself."
          : "All of this but the record and the words about seats was read from the chain, through " +
              "your wallet.",
      ),
    );
  }
}

const upper = (letter: string): string => letter.toUpperCase();

// Answering: one task at a time, by keys or by touch. Every answer is kept before the next is shown.

import { timeLeft, type App, type Screen } from "../app.ts";
import type { Desk } from "../desk.ts";
import { byId, frame, h, type Child } from "../dom.ts";
import type { Draft, Mark } from "../drafts.ts";
import { harmless } from "../harmless.ts";

import { forgetMedia } from "../media.ts";
import type { Manifest } from "../protocol.ts";
import type { Question } from "../question.ts";
import { sentenceOf } from "../sentences.ts";
import { taskView } from "../task.ts";
import { connectView } from "./connect.ts";
import { deskOf, elsewhere } from "./round.ts";

const SOON = 600; // seconds
const HELD = 80; // ms within which the same key again is one that is held down

export async function answerScreen(app: App, number: string): Promise<Screen> {
  const desk = await deskOf(app, Number(number));
  if (app.labeler === null) return { title: "Answer", view: () => [connectView(app)] };
  if (!desk.isEditable) return elsewhere(app, desk, "");
  const { manifest, question } = await desk.asked();
  const draft = desk.draft!;
  if (draft.at >= draft.marks.length) return elsewhere(app, desk, "/review");
  return new AnswerScreen(app, desk, manifest, question, draft);
}

class AnswerScreen implements Screen {
  readonly #app: App;
  readonly #desk: Desk;
  readonly #manifest: Manifest;
  readonly #question: Question;
  readonly #draft: Draft;
  readonly #unwatch: () => void;
  #isGuideOpen: boolean;
  #areKeysOpen = false;
  #typed = "";
  #pressed = { key: "", at: 0 };

  constructor(app: App, desk: Desk, manifest: Manifest, question: Question, draft: Draft) {
    this.#app = app;
    this.#desk = desk;
    this.#manifest = manifest;
    this.#question = question;
    this.#draft = draft;
    this.#isGuideOpen = !draft.hasBegun;
    this.#unwatch = draft.watch(() => {
      app.render();
      app.say("Another tab has answered too: both show the same answers.");
    });
    if (draft.hasBegun) app.say("Welcome back: going on where you stopped.");
  }

  get title(): string {
    return `Task ${this.#at + 1} of ${this.#manifest.tasks.length}`;
  }

  /** Of items that take several tasks also which item this is, and which of its tasks. */
  heading(): Child[] {
    const place = this.#question.places?.[this.#at];
    if (place === undefined) return [this.title];
    const { item, items, part, parts, name } = place;
    const words = `Item ${item} of ${items}, ${name} ${part} of ${parts}`;
    return [h("span", { class: "eyebrow" }, words), this.title];
  }

  leave(): void {
    this.#unwatch();
  }

  /** The round goes on meanwhile: its seats may all be taken. */
  async refresh(): Promise<boolean> {
    const phase = this.#desk.phase;
    await this.#desk.refresh();
    return this.#desk.phase !== phase;
  }

  view(): Child[] {
    const { instructions, tasks } = this.#manifest;
    const asked = this.#question.asks(tasks[this.#at]!);
    return [
      this.#progress(),
      this.#warning(),
      instructions !== "" &&
        h(
          "details",
          {
            id: "instructions",
            open: this.#isGuideOpen,
            ontoggle: (event: Event) => {
              this.#isGuideOpen = (event.target as HTMLDetailsElement).open;
            },
          },
          h("summary", { id: "instructions-summary" }, "Instructions ", key("i")),
          h("div", { class: "text stranger", dir: "auto" }, harmless(instructions, "\n")),
        ),
      h(
        "article",
        { id: "task", tabindex: "0", "aria-label": `Task ${this.#at + 1}` },
        ...taskView(tasks[this.#at]!, this.#question.hidden),
      ),
      asked !== "" && h("p", { class: "asked", dir: "auto" }, harmless(asked)),
      this.#options(),
      this.#moves(),
      this.#help(),
    ];
  }

  press(event: KeyboardEvent): boolean {
    const { key: pressed } = event;
    if (event.ctrlKey || event.metaKey) return pressed.toLowerCase() === "z" && this.#undo();
    const isHeld =
      this.#pressed.key === pressed &&
      event.timeStamp - this.#pressed.at < HELD &&
      !isMove(pressed);
    this.#pressed = { key: pressed, at: event.timeStamp };
    if (event.repeat && !isMove(pressed)) return true;
    if (isHeld) return true;
    const isOnControl = (event.target as Element).closest("button, a, summary, audio") !== null;
    if (isOnControl && (pressed === "Enter" || pressed === " ")) return false;
    if (this.#question.layout !== "options" && this.#onScale(pressed)) return true;
    const letter = pressed.length === 1 ? pressed.toLowerCase() : "";
    const option = this.#question.keys.findIndex((keys) => letter !== "" && keys.includes(letter));
    if (option >= 0) return this.#mark(option);
    return this.#command(letter === "" ? pressed : letter);
  }

  #command(name: string): boolean {
    const commands: Record<string, () => boolean> = {
      " ": () => this.#mark("skip"),
      s: () => this.#mark("skip"),
      u: () => this.#nextOpen(),
      g: () => focusOn("number"),
      r: () => this.#review(),
      i: () => toggle("instructions"),
      "?": () => toggle("keys"),
      Backspace: () => this.#go(this.#at - 1),
      ArrowLeft: () => this.#go(this.#at - 1),
      ArrowRight: () => this.#go(this.#at + 1),
      Enter: () => this.#goOn(),
      Delete: () => this.#mark(null),
    };
    return Object.hasOwn(commands, name) && commands[name]!();
  }

  /** Arrows move along a scale, digits are typed where numbers have several, and Enter gives. */
  #onScale(pressed: string): boolean {
    const { options, layout } = this.#question;
    if (pressed === "ArrowLeft" || pressed === "ArrowRight") {
      const step = pressed === "ArrowLeft" ? -1 : 1;
      const focused = /^option-(\d+)$/.exec(document.activeElement?.id ?? "")?.[1];
      const mark = this.#draft.marks[this.#at];
      const start =
        focused !== undefined ? Number(focused) : typeof mark === "number" ? mark : null;
      const last = options.length - 1;
      const middle = step > 0 ? Math.floor(last / 2) + 1 : Math.ceil(last / 2) - 1;
      const there = start === null ? middle : start + step;
      return focusOn(`option-${Math.min(Math.max(there, 0), last)}`);
    }
    if (layout !== "number" || !/^[-0-9]$/.test(pressed)) return false;
    if (options.every((name) => name.length === 1)) return false; // the digit gives it
    const typed = this.#typed + pressed;
    const found = options.includes(typed)
      ? options.indexOf(typed)
      : options.findIndex((name) => name.startsWith(typed));
    this.#typed = found < 0 ? "" : typed;
    if (found < 0) this.#app.say(`There is no ${typed}: it is ${options[0]} to ${options.at(-1)}.`);
    else this.#app.say(`${options[found]}${this.#behind}: Enter gives it.`);
    return found < 0 || focusOn(`option-${found}`);
  }

  // ------------------------------------------------------------------------------------- moves

  get #at(): number {
    return this.#draft.at;
  }

  get #behind(): string {
    return this.#question.unit === "" ? "" : ` ${harmless(this.#question.unit)}`;
  }

  #mark(mark: Mark): boolean {
    const task = this.#at;
    if (mark === null && this.#draft.marks[task] === null) {
      this.#app.say("There is nothing to take back.");
      return true;
    }
    try {
      this.#draft.mark(task, mark, mark === null ? task : task + 1);
    } catch (error) {
      this.#app.say(sentenceOf(error), true);
      return true;
    }
    this.#come(`Task ${task + 1}: ${this.#words(mark)}.`);
    return true;
  }

  #undo(): boolean {
    try {
      const task = this.#draft.undo();
      this.#come(task === null ? "There is nothing to undo." : `Task ${task + 1}: taken back.`);
    } catch (error) {
      this.#app.say(sentenceOf(error), true);
    }
    return true;
  }

  #go(task: number): boolean {
    if (task < 0) {
      this.#app.say("This is the first task.");
      return true;
    }
    try {
      this.#draft.go(Math.min(task, this.#manifest.tasks.length));
    } catch {
      // Where one is can be lost with a full disk; an answer cannot.
    }
    this.#come("");
    return true;
  }

  #goOn(): boolean {
    if (this.#draft.marks[this.#at] !== null) return this.#go(this.#at + 1);
    this.#app.say("Nothing is chosen yet: press the key of an option, or s to skip.");
    return true;
  }

  #nextOpen(): boolean {
    const { open } = this.#draft;
    if (open.length === 0) {
      this.#app.say("No task is open.");
      return true;
    }
    return this.#go(open.find((task) => task > this.#at) ?? open[0]!);
  }

  #review(): boolean {
    return this.#go(this.#manifest.tasks.length);
  }

  #come(said: string): void {
    this.#typed = "";
    forgetMedia();
    if (this.#at >= this.#manifest.tasks.length) {
      this.#app.goTo(`/round/${this.#desk.number}/review`);
    } else {
      this.#app.render();
      this.#app.focusTitle();
      byId("title").scrollIntoView({ block: "nearest" });
    }
    this.#app.say(said);
  }

  #words(mark: Mark): string {
    if (mark === null) return "taken back";
    if (mark === "skip") return "skipped";
    return harmless(this.#question.options[mark]!) + this.#behind;
  }

  // ------------------------------------------------------------------------------------ drawing

  #progress(): HTMLElement {
    const { marks, open, skipped } = this.#draft;
    const done = marks.length - open.length;
    const answered = done - skipped;
    return h(
      "div",
      { class: "progress" },
      h("progress", { max: marks.length, value: done, "aria-label": "Answered or skipped" }),
      h(
        "p",
        {},
        h("span", {}, `${answered} answered${skipped > 0 ? `, ${skipped} skipped` : ""}`),
        h("span", {}, timeLeft(this.#desk.terms.commitDeadline, this.#desk.now), " left"),
      ),
    );
  }

  #warning(): HTMLElement | null {
    const left = this.#desk.terms.commitDeadline - this.#desk.now;
    const warn = (words: string, kind = "notice"): HTMLElement => h("p", { class: kind }, words);
    if (this.#desk.phase !== "commit")
      return warn(
        "The commit phase is over: these answers can no longer be handed in. They stay in this " +
          "browser; choose another round.",
        "error",
      );
    return left < SOON ? warn("Less than 10 minutes: skip what is open, then review.") : null;
  }

  #options(): HTMLElement {
    const { options, keys, layout, wording } = this.#question;
    const mark = this.#draft.marks[this.#at];
    const isRow = layout !== "options";
    const buttons = options.map((name, option) => {
      const own = keys[option]!;
      const isNamedByKey = own[0] === name.trim().toLowerCase();
      return h(
        "button",
        {
          id: `option-${option}`,
          type: "button",
          class: "option",
          "aria-pressed": String(mark === option),
          "aria-keyshortcuts": own.join(" "),
          onclick: () => this.#mark(option),
        },
        own[0]!.length === 1 && !isNamedByKey && key(own[0]!),
        h("span", { dir: "auto" }, harmless(name) + this.#behind),
      );
    });
    const kind = !isRow ? "options" : options.length <= 3 ? "options row few" : "options row";
    return h(
      "div",
      { class: kind, role: "group", "aria-label": `Your answer: ${harmless(wording)}` },
      ...buttons,
    );
  }

  #moves(): HTMLElement {
    const { marks } = this.#draft;
    const total = marks.length;
    const number = h("input", {
      id: "number",
      inputmode: "numeric",
      autocomplete: "off",
      size: 3,
      "aria-label": `Go to task, 1 to ${total}`,
      placeholder: String(this.#at + 1),
      onkeydown: (event: KeyboardEvent) => {
        if (event.key === "Escape") this.#app.focusTitle();
        if (event.key !== "Enter") return;
        const field = event.target as HTMLInputElement;
        const to = Number(field.value);
        field.value = "";
        if (Number.isInteger(to) && to >= 1 && to <= total) this.#go(to - 1);
        else this.#app.say(`There is no such task: give 1 to ${total}.`, true);
      },
    });
    const move = (id: string, words: Child, act: () => unknown, properties: object = {}) =>
      this.#app.button(id, words, () => void act(), { class: "quiet", ...properties });
    const isSkipped = marks[this.#at] === "skip";
    return h(
      "div",
      { class: "moves" },
      move("back", ["← Back"], () => this.#go(this.#at - 1), { disabled: this.#at === 0 }),
      move("skip", ["Skip ", key("s")], () => this.#mark("skip"), {
        "aria-pressed": String(isSkipped),
      }),
      move("undo", ["Undo ", key("Ctrl Z")], () => this.#undo()),
      move("next", ["Next open ", key("u")], () => this.#nextOpen()),
      h("label", { class: "goto", for: "number" }, "Go to ", key("g"), number),
      move("review", ["Review ", key("r")], () => this.#review()),
    );
  }

  #help(): HTMLElement {
    const { layout } = this.#question;
    const rows: [string, string][] = [
      layout === "options"
        ? ["1 2 3 …", "give that option"]
        : ["← → Enter", "move along the scale, and give what has the frame"],
      ...(layout === "options" ? ([["← →", "task before and after"]] as [string, string][]) : []),
      ["s, Space", "skip: no vote"],
      ["Backspace", "back to the task before"],
      ["Ctrl Z", "undo the last answer"],
      ["Delete", "take the answer to this task back"],
      ["u", "next task that is open"],
      ["g", "go to a task by its number"],
      ["r", "review all answers and hand them in"],
      ["i", "instructions"],
    ];
    return h(
      "details",
      {
        id: "keys",
        open: this.#areKeysOpen,
        ontoggle: (event: Event) => {
          this.#areKeysOpen = (event.target as HTMLDetailsElement).open;
        },
      },
      h("summary", { id: "keys-summary" }, "Keys ", key("?")),
      h(
        "dl",
        { class: "keys" },
        ...rows.flatMap(([name, meaning]) => [
          h("dt", {}, h("kbd", {}, name)),
          h("dd", {}, meaning),
        ]),
      ),
      h(
        "p",
        { class: "aside" },
        "Answer what you see, not what you think others will say. A skip is no vote: it is never " +
          "wrong, but earns nothing. Your answers stay in this browser until you commit.",
      ),
    );
  }
}

const key = (name: string): HTMLElement => h("kbd", { "aria-hidden": "true" }, name);

const isMove = (pressed: string): boolean => /^(Arrow|Page|Backspace|Tab)/.test(pressed);

function focusOn(id: string): boolean {
  const element = document.getElementById(id);
  frame(element);
  element?.focus();
  return true;
}

function toggle(id: string): boolean {
  const details = document.getElementById(id) as HTMLDetailsElement | null;
  if (details !== null) details.open = !details.open;
  return true;
}

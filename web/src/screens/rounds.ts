// The list of rounds: one's own first, then those that are open.

import * as api from "../api.ts";
import { timeLeft, type App, type Screen } from "../app.ts";
import { h, type Child } from "../dom.ts";
import { harmless } from "../harmless.ts";
import { count, short } from "../units.ts";
import { connectView } from "./connect.ts";

export async function roundsScreen(app: App): Promise<Screen> {
  const over = new Set<number>(); // own rounds of which the seat holds nothing any more
  let told = await look(app, over);
  return {
    title: "Rounds",
    heading: () => ["Label, and stand by it"],
    view: () => [
      h(
        "p",
        { class: "lead" },
        "Answer the tasks of a round, lock a stake, and be paid for agreeing with what careful " +
          "people say.",
      ),
      app.labeler === null && connectView(app),
      ...listed(app, told),
    ],
    async refresh() {
      const before = lookOf(told);
      told = await look(app, over);
      return lookOf(told) !== before;
    },
  };
}

type Told = { now: number; rounds: api.ToldRound[] };

const lookOf = (told: Told): string =>
  JSON.stringify(told.rounds.map((each) => ({ ...each, now: 0 })));

/** What the site lists, and own rounds that it leaves out though the chain has them. */
async function look(app: App, over: Set<number>): Promise<Told> {
  const { labeler } = app;
  const told = await api.rounds(labeler?.address ?? null);
  if (labeler === null) return told;
  const known = new Set(told.rounds.map((each) => each.round));
  for (const { round } of await labeler.commitments()) {
    if (known.has(round) || over.has(round)) continue;
    if ((await labeler.chain.seat(round, labeler.address)) === null) {
      over.add(round);
      continue;
    }
    known.add(round);
    told.rounds.unshift(await api.round(round, labeler.address));
  }
  return told;
}

function listed(app: App, { now, rounds }: Told): Child[] {
  const own = rounds.filter(({ you }) => you?.seat || you?.held);
  const open = rounds.filter((each) => each.phase === "commit" && !own.includes(each));
  const cards = (several: readonly api.ToldRound[]): HTMLElement =>
    h("ul", { class: "cards" }, ...several.map((each) => h("li", {}, card(app, each, now))));
  return [
    own.length > 0 && h("section", {}, h("h2", {}, "Yours"), cards(own)),
    h(
      "section",
      {},
      h("h2", {}, "Open now"),
      open.length > 0
        ? cards(open)
        : h("p", {}, "No other round is open. This page looks again every few seconds."),
    ),
  ];
}

function card(app: App, told: api.ToldRound, now: number): HTMLElement {
  const { round, you } = told;
  const money = (amount: string): string => short(BigInt(amount), app.unit);
  const pace = you?.seat ? ownWords(told, now) : you?.held ? "Handed in: waits for its turn" : null;
  const left = h("span", {}, timeLeft(told.commit_deadline, now), " left");
  const asked = told.question ?? (told.tasks_flaw === null ? "the site is getting its tasks" : "");
  return h(
    "a",
    { class: "card", id: `round-${round}`, href: `#/round/${round}` },
    h("span", { class: "eyebrow" }, `Round ${round}`),
    h("strong", { dir: "auto" }, harmless(asked) || "its tasks cannot be had"),
    h(
      "span",
      { class: "facts" },
      h("span", {}, count(told.tasks, "task")),
      h("span", { class: "pay" }, `pays ${money(told.price)}`),
      h("span", {}, `stake ${money(told.stake)}`),
      h("span", {}, `${told.committed} of ${told.seats} seats taken`),
      told.admission?.is_drawn === true && h("span", {}, "seats are drawn"),
      pace === null && left,
    ),
    pace !== null && h("span", { class: "next" }, pace),
    you?.refusal != null && h("span", { class: "next" }, harmless(you.refusal.reason)),
  );
}

function ownWords(told: api.ToldRound, now: number): Child[] {
  if (told.you?.seat?.is_revealed === true) return ["Revealed: waits for the end of the round"];
  if (told.phase === "commit") return ["Committed: others are still answering"];
  if (told.phase === "reveal")
    return [
      h("b", {}, told.you?.opening_kept === true ? "Handed over to be revealed" : "Reveal now"),
      ", ",
      timeLeft(told.reveal_deadline, now),
      " left",
    ];
  return ["The reveal phase is over"];
}

// The list of rounds: one's own first, then those that are open.

import * as api from "../api.ts";
import { timeLeft, type App, type Screen } from "../app.ts";
import { h, type Child } from "../dom.ts";
import { harmless } from "../harmless.ts";
import { count, short } from "../units.ts";
import { admissionGist } from "./admission.ts";
import { connectView } from "./connect.ts";

export async function roundsScreen(app: App): Promise<Screen> {
  const over = new Set<number>(); // own rounds of which the seat holds nothing any more
  let reported = await look(app, over);
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
      ...listed(app, reported),
    ],
    async refresh() {
      const before = lookOf(reported);
      reported = await look(app, over);
      return lookOf(reported) !== before;
    },
  };
}

type RoundList = { now: number; rounds: api.SiteRound[] };

const lookOf = (reported: RoundList): string =>
  JSON.stringify(reported.rounds.map((each) => ({ ...each, now: 0 })));

/** What the site lists, and own rounds that it leaves out though the chain has them. */
async function look(app: App, over: Set<number>): Promise<RoundList> {
  const { labeler } = app;
  const reported = await api.rounds(labeler?.address ?? null);
  if (labeler === null) return reported;
  const known = new Set(reported.rounds.map((each) => each.round));
  for (const { round } of await labeler.commitments()) {
    if (known.has(round) || over.has(round)) continue;
    if ((await labeler.chain.seat(round, labeler.address)) === null) {
      over.add(round);
      continue;
    }
    known.add(round);
    reported.rounds.unshift(await api.round(round, labeler.address));
  }
  return reported;
}

function listed(app: App, { now, rounds }: RoundList): Child[] {
  const own = rounds.filter(({ you }) => you?.seat || you?.held);
  const open = rounds.filter((each) => each.phase === "commit" && !own.includes(each));
  const cards = (several: readonly api.SiteRound[]): HTMLElement =>
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

function card(app: App, reported: api.SiteRound, now: number): HTMLElement {
  const { round, you } = reported;
  const money = (amount: string): string => short(BigInt(amount), app.unit);
  const pace = you?.seat
    ? ownWords(reported, now)
    : you?.held
      ? "Handed in: waits for its turn"
      : null;
  const gist = admissionGist(reported);
  const left = h("span", {}, timeLeft(reported.commit_deadline, now), " left");
  const asked =
    reported.question ?? (reported.tasks_flaw === null ? "the site is getting its tasks" : "");
  return h(
    "a",
    { class: "card", id: `round-${round}`, href: `#/round/${round}` },
    h("span", { class: "eyebrow" }, `Round ${round}`),
    h("strong", { dir: "auto" }, harmless(asked) || "its tasks cannot be had"),
    h(
      "span",
      { class: "facts" },
      h("span", {}, count(reported.tasks, "task")),
      h("span", { class: "pay" }, `pays ${money(reported.price)}`),
      h("span", {}, `stake ${money(reported.stake)}`),
      h("span", {}, `${reported.committed} of ${reported.seats} seats taken`),
      reported.admission?.is_drawn === true && h("span", {}, "seats are drawn"),
      pace === null && left,
    ),
    pace !== null && h("span", { class: "next" }, pace),
    pace === null && gist !== null && h("span", { class: "next" }, gist),
  );
}

function ownWords(reported: api.SiteRound, now: number): Child[] {
  if (reported.you?.seat?.is_revealed === true) return ["Revealed: waits for the end of the round"];
  if (reported.phase === "commit") return ["Committed: others are still answering"];
  if (reported.phase === "reveal")
    return [
      h("b", {}, reported.you?.opening_kept === true ? "Handed over to be revealed" : "Reveal now"),
      ", ",
      timeLeft(reported.reveal_deadline, now),
      " left",
    ];
  return ["The reveal phase is over"];
}

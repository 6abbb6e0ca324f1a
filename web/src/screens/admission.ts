// Whether one is admitted to a round, by lot or otherwise, and what would change that.

import type { SiteRound, Standing } from "../api.ts";
import { timeLeft } from "../app.ts";
import type { Desk } from "../desk.ts";
import { h, type Child } from "../dom.ts";
import { harmless } from "../harmless.ts";
import { sentence } from "../sentences.ts";
import { moment } from "../units.ts";

/** Why no seat is to be had, and what would change that. */
export function refusalView({ reason, remedy }: NonNullable<Standing["refusal"]>): HTMLElement {
  const words = `As things stand you would get no seat: ${sentence(harmless(reason))}`;
  return h("p", { class: "notice" }, `${words} ${sentence(harmless(remedy))}`);
}

/** What standing by means for who signs now, or has signed. */
export function standbyWords({ reported, now }: Desk): Child {
  const until = reported.you?.refusal?.until ?? null;
  const rank = reported.you?.position?.rank ?? null;
  return [
    "You stand by",
    rank !== null && ` (number ${rank}, for ${reported.seats} seats)`,
    until !== null && [`: you are let in from ${moment(until)} on, in `, timeLeft(until, now)],
    ", if a seat is left then. The site keeps what you sign, and hands it in by itself.",
  ];
}

/** How one stands in the draw, if the seats are drawn. */
export function drawnView({ reported, now }: Desk): HTMLElement | null {
  const position = reported.you?.position ?? null;
  if (position === null || position.rank === null) return null;
  const { rank, seats, standby_from: from } = position;
  if (rank > seats)
    return h(
      "p",
      {},
      `You stood by (number ${rank}), and are let in now, as long as a seat is left.`,
    );
  const first = `You are drawn: number ${rank}, for ${seats} seats.`;
  if (from === null) return h("p", {}, first);
  const rest = "those who stand by are let in, and take the seats that are left.";
  return from > now
    ? h(
        "p",
        {},
        `${first} Commit within `,
        timeLeft(from, now),
        `: from ${moment(from)} on ${rest}`,
      )
    : h("p", {}, `${first} Commit soon: by now ${rest}`);
}

/** The same in a few words; null where there is nothing to say. */
export function admissionGist({ you }: SiteRound): string | null {
  const { refusal, position } = you ?? {};
  if (refusal == null) return position != null && position.rank !== null ? "You are drawn" : null;
  if (refusal.until !== null)
    return `You stand by, and are let in from ${moment(refusal.until)} on`;
  return sentence(harmless(refusal.reason));
}

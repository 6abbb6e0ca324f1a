// What came of a seat, and why.

import type { Outcome } from "../api.ts";
import { h } from "../dom.ts";
import { harmless } from "../harmless.ts";
import { short, type Unit } from "../units.ts";

const WORDS: Readonly<Record<string, string>> = {
  near: "Near: paid",
  far: "Far: neither paid nor slashed",
  outlier: "Outlier: slashed",
  unrevealed: "Not revealed: slashed",
  void: "Void: the round could not be judged",
  released: "Released: the round expired",
};

/** The band in words, with a mark of its colour. */
export function bandView(band: string | null): HTMLElement {
  const known = band !== null && Object.hasOwn(WORDS, band) ? band : "awaited";
  const words = WORDS[known] ?? "Not settled yet";
  return h("span", { class: "band" }, h("i", { class: `key ${known}` }), words);
}

/** Agreement from parts per million: `0.83`. */
export const kappaOf = (ppm: number | null): string =>
  ppm === null ? "–" : (ppm / 1_000_000).toFixed(2);

/** The whole of it; amounts in the smallest unit. */
export function outcomeView(outcome: Outcome, stake: bigint, unit: Unit): HTMLElement {
  const pay = BigInt(outcome.pay ?? 0);
  const slash = BigInt(outcome.slash ?? 0);
  const tile = (name: string, value: string, kind: string): HTMLElement =>
    h("div", {}, h("dt", {}, name), h("dd", { class: kind }, value));
  return h(
    "div",
    { class: "outcome" },
    h("p", {}, h("strong", {}, bandView(outcome.band))),
    h(
      "dl",
      { class: "tiles" },
      tile("Earned", short(pay, unit), pay > 0n ? "pay" : ""),
      tile("Slashed", short(slash, unit), slash > 0n ? "slash" : ""),
      tile("Stake back", short(stake - slash, unit), ""),
      tile("Kappa", kappaOf(outcome.kappa_ppm), ""),
    ),
    outcome.reason !== "" && h("p", {}, `Why: ${harmless(outcome.reason)}.`),
    h(
      "p",
      { class: "aside" },
      "Kappa is your agreement beyond chance: 1 is full agreement, 0 what guessing reaches.",
    ),
  );
}

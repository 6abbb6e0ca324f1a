// Amounts, shares and times, as people write them.

/** What pays and stakes are in: so many decimal places between a unit and the smallest one. */
export type Unit = { readonly symbol: string; readonly decimals: number };

const PLACES = 4; // after the point in a short form

/** All digits, with the symbol: `0.0123456 ETH`. */
export function exact(amount: bigint, unit: Unit): string {
  return `${written(amount, unit.decimals, unit.decimals)} ${unit.symbol}`;
}

/** Four digits after the point or three that matter, cut off: `0.0123 ETH`. */
export function short(amount: bigint, unit: Unit): string {
  const missing = unit.decimals - String(amount < 0n ? -amount : amount).length;
  const places = Math.max(PLACES, missing + 3);
  return `${written(amount, unit.decimals, places)} ${unit.symbol}`;
}

function written(amount: bigint, decimals: number, places: number): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals, digits.length - decimals + places);
  const fraction = rest.replace(/0+$/, "");
  return (amount < 0n ? "-" : "") + whole + (fraction === "" ? "" : "." + fraction);
}

/** A number of units as it is typed, in the smallest unit; null if it is none, or too fine. */
export function parseAmount(text: string, unit: Unit): bigint | null {
  const match = /^([0-9]{1,30})(?:[.,]([0-9]+))?$/.exec(text.trim());
  if (match === null) return null;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > unit.decimals) return null;
  return BigInt(match[1]! + fraction.padEnd(unit.decimals, "0"));
}

const LENGTHS: [number, string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** Seconds in two units at most: `2 h 5 min`. */
export function duration(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [length, name] of LENGTHS) {
    const many = Math.floor(left / length);
    if (many > 0 && parts.length < 2) parts.push(`${many} ${name}`);
    else if (parts.length > 0) break;
    left %= length;
  }
  return parts.join(" ") || "0 s";
}

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** A time in unix seconds, where the reader is. */
export const moment = (time: number): string => MOMENT.format(new Date(time * 1000));

/** One word for one, another for several: `1 task`, `12 tasks`. */
export const count = (many: number, one: string, several = one + "s"): string =>
  `${many} ${many === 1 ? one : several}`;

/** The first and the last of an address. */
export const brief = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;

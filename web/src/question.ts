// What a round asks, how its options are laid out, and by which keys they go.

import { mediaIn, ProtocolError, type Manifest } from "./protocol.ts";
import type { Json } from "./json.ts";

export type Layout = "options" | "scale" | "number";

export type Question = {
  readonly options: readonly string[];
  readonly layout: Layout;
  readonly wording: string;
  /** Stands behind a number. */
  readonly unit: string;
  /** The keys of every option, the one to show in front. */
  readonly keys: readonly (readonly string[])[];
  /** Fields of a task that are not for people, besides its id. */
  readonly hidden: ReadonlySet<string>;
  /** Where each task belongs, if items take several; null if each task stands for itself. */
  readonly places: readonly Place[] | null;
  /** What a task asks, where items take several. */
  asks(task: Json): string;
};

/** The item that a task is a part of; both are counted from 1. */
export type Place = {
  readonly item: number;
  readonly items: number;
  readonly part: number;
  readonly parts: number;
  /** What the part is called. */
  readonly name: "comparison" | "label";
};

// Kinds by name: whether answers are compared on a scale, and how they are laid out.
const KINDS: Readonly<Record<string, [isOrdinal: boolean, layout: Layout]>> = {
  binary: [false, "options"],
  choice: [false, "options"],
  scale: [true, "scale"],
  preference: [true, "scale"],
  range: [true, "number"],
  ranking: [false, "options"], // a task for each pair
  labels: [false, "options"], // a task for each label
};
const TIES = ["tie", "draw", "equal", "even", "same", "both", "neither"];

/** The question of a round. Throws ProtocolError for one that the round does not fit. */
export function questionOf(manifest: Manifest, isOrdinal: boolean): Question {
  const { options, question } = manifest;
  const given = question === null ? (isOrdinal ? "scale" : "choice") : question.get("kind");
  const kind = typeof given === "string" ? given : "";
  const found = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (found === undefined)
    throw new ProtocolError("this page does not know the kind of question that is asked");
  if (found[0] !== isOrdinal)
    throw new ProtocolError(
      `the tasks ask a ${kind}, which the round compares in another way than it means`,
    );
  const part = kind === "ranking" ? "comparison" : kind === "labels" ? "label" : null;
  const unit = kind === "range" ? question?.get("unit") : "";
  const keys = found[1] === "number" ? options.map((name) => [name]) : keysOf(options);
  if (found[1] === "scale" && options.length === 3 && TIES.includes(plain(options[1]!)))
    keys[1]!.push("=");
  return {
    options,
    layout: found[1],
    wording: wordingOf(kind, options),
    unit: typeof unit === "string" ? unit : "",
    keys,
    hidden: new Set(part === null ? [] : part === "label" ? ["part", "label"] : ["part"]),
    places: part === null ? null : placesOf(manifest.tasks, part),
    asks: (task) =>
      part === "label" ? `Does “${labelOf(task)}” apply?` : part === null ? "" : "Which is better?",
  };
}

/** The label that a task asks about; empty where it asks about none. */
export function labelOf(task: Json): string {
  const label = task instanceof Map ? task.get("label") : undefined;
  return typeof label === "string" ? label : "";
}

/** Items in the order of the round. Throws ProtocolError for a task that does not say its part. */
function placesOf(tasks: readonly Json[], name: Place["name"]): Place[] {
  const items = new Map<string, number[]>();
  for (const [number, task] of tasks.entries()) {
    const mark = task instanceof Map ? task.get("part") : undefined;
    const item = mark instanceof Map ? mark.get("item") : undefined;
    if (typeof item !== "string" && typeof item !== "number")
      throw new ProtocolError(`task ${number + 1} does not say to which item it belongs`);
    if (name === "label" && labelOf(task) === "")
      throw new ProtocolError(`task ${number + 1} does not say about which label it asks`);
    items.set(String(item), [...(items.get(String(item)) ?? []), number]);
  }
  const places: Place[] = [];
  for (const [nth, numbers] of [...items.values()].entries())
    for (const [part, number] of numbers.entries())
      places[number] = {
        ...{ item: nth + 1, items: items.size, part: part + 1, parts: numbers.length },
        name,
      };
  return places;
}

function wordingOf(kind: string, options: readonly string[]): string {
  if (kind === "scale") return `a scale of ${options.length}`;
  if (kind === "preference" || kind === "ranking") return "which of two is better";
  if (kind === "range") return `a number from ${options[0]} to ${options.at(-1)}`;
  if (kind === "labels") return "whether a label applies";
  return `one of ${options.length} options`;
}

const plain = (name: string): string => name.trim().toLowerCase();

// -------------------------------------------------------------------------------------------- keys

/** Letters of commands, here and in the terminal: options do not go by them. */
const COMMANDS = "sugqirco";
const DIGITS = "1234567890";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/**
 * The keys of every option, as in the terminal: 1 to 9 and 0, or its own digit, and its first
 * letter if that is free; at least one each.
 */
export function keysOf(options: readonly string[]): string[][] {
  const names = options.map(plain);
  const keys = digitsOf(names).map((digit) => (digit === "" ? [] : [digit]));
  const firsts = names.map((name) => name.slice(0, 1));
  firsts.forEach((letter, option) => {
    const isAlone = firsts.filter((other) => other === letter).length === 1;
    if (letter !== "" && LETTERS.includes(letter) && isAlone && !COMMANDS.includes(letter))
      keys[option]!.push(letter);
  });
  const taken = new Set([...COMMANDS, ...keys.flat()]);
  const free = [...LETTERS].filter((letter) => !taken.has(letter));
  for (const own of keys) if (own.length === 0) own.push(free.shift()!);
  return keys;
}

function digitsOf(names: readonly string[]): string[] {
  const own = names.map((name) => (name.length === 1 && DIGITS.includes(name) ? name : ""));
  if (own.every((digit) => digit === "")) return names.map((_, option) => DIGITS[option] ?? "");
  const tenth = names.includes("0") ? -1 : names.indexOf("10");
  return own.map((digit, option) => {
    if (own.filter((other) => other === digit).length > 1) return "";
    return option === tenth ? "0" : digit;
  });
}

// ------------------------------------------------------------------------------------------- tasks

export type Field = { readonly name: string; readonly value: Json };

/** The fields of a task in the order in which they are read; two may stand side by side. */
export type TaskFields = {
  readonly before: readonly Field[];
  readonly pair: readonly [Field, Field] | null;
  readonly after: readonly Field[];
};

// Names that say nothing where there is only one field.
const BARE = new Set(["text", "task", "content", "message", "prompt", "question"]);
const PAIRS: [string, string][] = [
  ["a", "b"],
  ["1", "2"],
  ["left", "right"],
  ["first", "second"],
];

/** How to show a task, but for its id and what is hidden. */
export function fieldsOf(task: Json, hidden: ReadonlySet<string>): TaskFields {
  const whole = (value: Json): TaskFields => ({
    before: [{ name: "", value }],
    pair: null,
    after: [],
  });
  const isReference = mediaIn(task).length === 1 && task instanceof Map && task.has("src");
  if (!(task instanceof Map) || isReference) return whole(task);
  const isLeftOut = (name: string): boolean => hidden.has(name) || (name === "id" && task.size > 1);
  const fields = [...task].flatMap(([name, value]) => (isLeftOut(name) ? [] : [{ name, value }]));
  if (fields.length === 1 && BARE.has(fields[0]!.name)) return whole(fields[0]!.value);
  for (let place = 0; place + 1 < fields.length; place++) {
    const [left, right] = [fields[place]!, fields[place + 1]!];
    if (isPair(left.name, right.name))
      return {
        before: fields.slice(0, place),
        pair: [left, right],
        after: fields.slice(place + 2),
      };
  }
  return { before: fields, pair: null, after: [] };
}

/** Whether two fields are the sides of a comparison: a and b, reply_1 and reply_2. */
function isPair(first: string, second: string): boolean {
  const [one, two] = [first.toLowerCase(), second.toLowerCase()];
  return PAIRS.some(([end, other]) => {
    if (!one.endsWith(end)) return false;
    const head = one.slice(0, one.length - end.length);
    return two === head + other && !/[\p{L}\p{N}]$/u.test(head);
  });
}

// A task as a labeler sees it: some stranger's JSON, shown in full, with no power over the page.

import { h } from "./dom.ts";
import { harmless } from "./harmless.ts";
import type { Json } from "./json.ts";
import { mediaView } from "./media.ts";
import { mediaOf } from "./protocol.ts";
import { fieldsOf, type Field } from "./question.ts";

const LONGEST_DATA = 80; // characters of a picture in base64: nobody reads more

/** All of a task. */
export function taskView(task: Json, hidden: ReadonlySet<string>): HTMLElement[] {
  const { before, pair, after } = fieldsOf(task, hidden);
  return [
    ...before.map(fieldView),
    ...(pair === null ? [] : [h("div", { class: "pair" }, ...pair.map(fieldView))]),
    ...after.map(fieldView),
  ];
}

function fieldView({ name, value }: Field): HTMLElement {
  const title = name === "" ? null : h("h2", { class: "name", dir: "auto" }, harmless(name));
  return h("div", { class: "field" }, title, valueView(value, name));
}

function valueView(value: Json, name: string): HTMLElement {
  const media = mediaOf(value);
  if (media !== null && value instanceof Map) {
    const beside = [...value].filter(([key]) => !["src", "sha256", "type"].includes(key));
    return h("div", {}, mediaView(media, name), beside.length > 0 && nested(new Map(beside)));
  }
  if (value instanceof Map || Array.isArray(value)) return nested(value);
  return h("div", { class: "text", dir: "auto" }, readable(value) || "(empty)");
}

function nested(value: Json[] | Map<string, Json>): HTMLElement {
  if (Array.isArray(value))
    return h("ul", { class: "list" }, ...value.map((each) => h("li", {}, valueView(each, ""))));
  const turn = value.size === 2 && value.has("role") && value.has("content");
  const pairs: [string, Json][] = turn
    ? [[readable(value.get("role")!), value.get("content")!]] // of a conversation
    : [...value];
  return h(
    "dl",
    { class: "fields" },
    ...pairs.flatMap(([key, each]) => [
      h("dt", { dir: "auto" }, harmless(key)),
      h("dd", {}, valueView(each, key)),
    ]),
  );
}

function readable(value: Json): string {
  if (value === null) return "(nothing)";
  if (typeof value !== "string") return String(value);
  const isData = value.startsWith("data:") && value.length > LONGEST_DATA;
  const text = isData
    ? `${value.slice(0, LONGEST_DATA)}.. (${value.length} characters)`
    : value;
  return harmless(text, "\n");
}

/** The beginning of a task in one line. */
export function excerpt(task: Json, hidden: ReadonlySet<string>, length = 90): string {
  const { before, pair, after } = fieldsOf(task, hidden);
  const words = [...before, ...(pair ?? []), ...after].map(({ value }) => said(value, length));
  const whole = words.join(" | ").replace(/\s+/g, " ").trim();
  const letters = [...whole];
  return letters.length > length ? letters.slice(0, length).join("") + "…" : whole;
}

function said(value: Json, length: number): string {
  const media = mediaOf(value);
  if (media !== null) return media.type === "" ? "(content)" : `(${harmless(media.type)})`;
  if (value instanceof Map) return [...value.values()].map((each) => said(each, length)).join(" ");
  if (Array.isArray(value)) return value.map((each) => said(each, length)).join(" ");
  return harmless(String(value ?? "").slice(0, 2 * length));
}

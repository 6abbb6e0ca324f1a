// JSON that has one meaning: what strangers wrote is read like `parse_json` of the library reads it.
//
// An object is a Map: its fields stay in the order in which they were written (a plain object moves
// "10" before "a"), and a field `__proto__` is one like any other. A field that comes twice, a
// number with a fraction and one that a double does not hold exactly are errors: readers disagree
// about them, and a root must have one meaning.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

/** A text that is not JSON, or means something else to another reader. */
export class JsonError extends Error {}

const DEEPEST = 64; // lists and objects within each other
const MARK = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const WORDS: [string, Json][] = [["true", true], ["false", false], ["null", null]];

/** What a text says. Throws JsonError. */
export function parseJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Json {
    this.#skip();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(depth + 1);
    if (first === "[") return this.#list(depth + 1);
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    return this.#number();
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#error("more than one value");
  }

  #object(depth: number): JsonObject {
    this.#require(depth);
    const found: JsonObject = new Map();
    while (this.#next("}", found.size > 0)) {
      const key = this.#string();
      if (found.has(key)) throw this.#error(`${JSON.stringify(key)} comes twice`);
      this.#skip();
      if (this.#text[this.#at] !== ":") throw this.#error("no colon after the name of a field");
      this.#at++;
      found.set(key, this.value(depth));
    }
    return found;
  }

  #list(depth: number): Json[] {
    this.#require(depth);
    const found: Json[] = [];
    while (this.#next("]", found.length > 0)) found.push(this.value(depth));
    return found;
  }

  /** Past an opening bracket. */
  #require(depth: number): void {
    if (depth > DEEPEST) throw this.#error("nested too deeply");
    this.#at++;
  }

  /** Whether another part comes before the closing bracket, which is passed otherwise. */
  #next(closing: string, isLater: boolean): boolean {
    this.#skip();
    const letter = this.#text[this.#at];
    if (letter === closing) {
      this.#at++;
      return false;
    }
    if (isLater) {
      if (letter !== ",") throw this.#error("no comma between two parts");
      this.#at++;
      this.#skip();
    }
    return true;
  }

  #string(): string {
    const found = this.#match(STRING);
    if (found === null) throw this.#error("no text in double quotes where one must be");
    return JSON.parse(found[0]) as string;
  }

  #number(): number {
    const found = this.#match(NUMBER);
    if (found === null) throw this.#error("no value where one must be");
    const value = Number(found[0]);
    if (found[1] !== undefined || found[2] !== undefined)
      throw this.#error(`the number ${found[0].slice(0, 40)} has a fraction: write it as text`);
    if (!Number.isSafeInteger(value))
      throw this.#error(`the number ${found[0].slice(0, 40)} is too large: write it as text`);
    return value;
  }

  #skip(): void {
    this.#match(MARK);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #error(why: string): JsonError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    return new JsonError(`line ${line}: ${why}`);
  }
}

/** The one way to write a value: keys sorted by code point, no spaces. Throws JsonError. */
export function canonical(value: Json): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new JsonError("a text holds half of a character");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean" || typeof value === "number")
    return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = [...value].sort(([left], [right]) => byCodePoint(left, right));
  return `{${fields.map(([key, held]) => `${canonical(key)}:${canonical(held)}`).join(",")}}`;
}

/** JavaScript's own order is by UTF-16 unit: it puts U+FF00 behind what is beyond U+FFFF. */
function byCodePoint(left: string, right: string): number {
  const others = right[Symbol.iterator]();
  for (const letter of left) {
    const other = others.next();
    if (other.done) return 1;
    const gap = letter.codePointAt(0)! - other.value.codePointAt(0)!;
    if (gap !== 0) return gap;
  }
  return others.next().done ? 0 : -1;
}

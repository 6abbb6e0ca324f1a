// What the browser keeps: answers that are not committed yet, and a few notes on an account.
//
// Every change is read, made and written at once, so two tabs never write over each other, and each
// hears of what the other did. Nothing here is secret but the answers themselves.

import { toHex, type Answer, type Deployed } from "./protocol.ts";

/** A task that is open (null), skipped, or answered with the number of an option. */
export type Mark = number | "skip" | null;

/** What cannot be kept; the message is for people. */
export class StorageError extends Error {}

type Kept = {
  readonly marks: Mark[];
  readonly at: number;
  readonly undo: [task: number, mark: Mark][];
  /** The signed commitment, once it was handed in: it holds no secret. */
  readonly signed?: string;
  /** Whether the chain has shown the seat as taken. */
  readonly seated?: boolean;
};

const MOST_UNDO = 50;

function read(slot: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(slot) ?? "null");
  } catch {
    return null;
  }
}

function write(slot: string, value: unknown): void {
  try {
    localStorage.setItem(slot, JSON.stringify(value));
  } catch {
    throw new StorageError(
      "The browser keeps nothing for this page (it is full, or told not to): make room, or leave " +
        "private browsing, then press again.",
    );
  }
}

/** Where an account is: of which deployment, on which chain. */
export type Place = { readonly deployed: Deployed; genesis: Uint8Array; account: string };

const prefix = ({ deployed, genesis, account }: Place): string =>
  ["plumbline", toHex(genesis).slice(0, 18), deployed.address, account].join(" ");

/** The answers of an account to a round. */
export class Draft {
  readonly #slot: string;
  readonly #tasks: number;
  readonly #options: number;
  #kept: Kept;

  constructor(place: Place, round: number, root: string, tasks: number, options: number) {
    this.#slot = `${prefix(place)} draft ${round} ${root}`;
    this.#tasks = tasks;
    this.#options = options;
    this.#kept = this.#read();
  }

  get marks(): readonly Mark[] {
    return this.#kept.marks;
  }

  /** The task that is shown; their number for the review. */
  get at(): number {
    return this.#kept.at;
  }

  get signed(): string | undefined {
    return this.#kept.signed;
  }

  get seated(): boolean {
    return this.#kept.seated === true;
  }

  get open(): number[] {
    return this.marks.flatMap((mark, task) => (mark === null ? [task] : []));
  }

  get skipped(): number {
    return this.marks.filter((mark) => mark === "skip").length;
  }

  get hasBegun(): boolean {
    return this.marks.some((mark) => mark !== null);
  }

  get answers(): Answer[] {
    return this.marks.map((mark) => (typeof mark === "number" ? mark : null));
  }

  /** Mark a task and come to another. Throws StorageError, and changes nothing then. */
  mark(task: number, mark: Mark, then: number): void {
    this.#change((kept) => {
      const marks = [...kept.marks];
      const undo = [...kept.undo, [task, marks[task]!] as [number, Mark]].slice(-MOST_UNDO);
      marks[task] = mark;
      return { ...unsigned(kept), marks, undo, at: then };
    });
  }

  /** Take the last mark back: its task, or null if there is none. Throws StorageError. */
  undo(): number | null {
    let undone: number | null = null;
    this.#change((kept) => {
      const last = kept.undo.at(-1);
      if (last === undefined) return kept;
      undone = last[0];
      const marks = kept.marks.map((mark, task) => (task === last[0] ? last[1] : mark));
      return { ...unsigned(kept), marks, undo: kept.undo.slice(0, -1), at: last[0] };
    });
    return undone;
  }

  go(at: number): void {
    this.#change((kept) => ({ ...kept, at }));
  }

  /** Keep what was signed. Throws StorageError. */
  keepSigned(signed: string): void {
    this.#change((kept) => ({ ...kept, signed }));
  }

  noteSeated(): void {
    if (!this.seated) this.#change((kept) => ({ ...kept, seated: true }));
  }

  /** Fill an empty draft with answers that the chain gave back. */
  restore(answers: readonly Answer[]): void {
    const marks = answers.map((answer): Mark => answer ?? "skip");
    this.#change((kept) => ({ ...kept, marks, undo: [], at: this.#tasks }));
  }

  /** Tell when another tab has changed it; the result ends that. */
  watch(onChange: () => void): () => void {
    const heard = (event: StorageEvent): void => {
      if (event.key !== this.#slot && event.key !== null) return;
      // Another tab answers; where one is stays one's own.
      this.#kept = { ...this.#read(), at: this.at };
      onChange();
    };
    window.addEventListener("storage", heard);
    return () => window.removeEventListener("storage", heard);
  }

  #change(change: (kept: Kept) => Kept): void {
    const made = change({ ...this.#read(), at: this.at });
    write(this.#slot, made);
    this.#kept = made;
  }

  #read(): Kept {
    const found = read(this.#slot) as Partial<Kept> | null;
    const isMark = (mark: unknown): mark is Mark =>
      mark === null ||
      mark === "skip" ||
      (Number.isInteger(mark) && (mark as number) >= 0 && (mark as number) < this.#options);
    const isTask = (task: unknown): boolean =>
      Number.isInteger(task) && (task as number) >= 0 && (task as number) < this.#tasks;
    const marks = Array.isArray(found?.marks) ? found.marks : [];
    if (marks.length !== this.#tasks || !marks.every(isMark))
      return { marks: Array.from({ length: this.#tasks }, () => null), at: 0, undo: [] };
    const at = found!.at;
    const undo = Array.isArray(found!.undo) ? found!.undo : [];
    return {
      marks,
      at: isTask(at) || at === this.#tasks ? at! : 0,
      undo: undo.filter((each) => Array.isArray(each) && isTask(each[0]) && isMark(each[1])),
      ...(typeof found!.signed === "string" ? { signed: found!.signed } : {}),
      ...(found!.seated === true ? { seated: true } : {}),
    };
  }
}

/** Other answers want another signature. */
const unsigned = ({ marks, at, undo }: Kept): Kept => ({ marks, at, undo });

/** Which epoch an account is in, as far as this browser knows. */
export function knownEpoch(place: Place): number {
  const epoch = read(`${prefix(place)} epoch`);
  return Number.isInteger(epoch) && (epoch as number) >= 0 ? (epoch as number) : 0;
}

export const keepEpoch = (place: Place, epoch: number): void =>
  write(`${prefix(place)} epoch`, epoch);

/** The fingerprint of the key of an epoch, 0x hex; null if it was never made here. */
export function knownFingerprint(place: Place, epoch: number): string | null {
  const found = read(`${prefix(place)} fingerprint ${epoch}`);
  return typeof found === "string" && /^0x[0-9a-f]{32}$/.test(found) ? found : null;
}

export const keepFingerprint = (place: Place, epoch: number, fingerprint: string): void =>
  write(`${prefix(place)} fingerprint ${epoch}`, fingerprint);

// The contract's calls, and what it answers, as bytes: nothing here asks a node.
//
// `CALLS` is the data of transactions and of `eth_call`; what is stored in single words is read as
// the library's `chain.packing` does. Amounts are in wei, times in unix seconds.

import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  checksum,
  fromHex,
  keccak,
  ProtocolError,
  toHex,
  toNumber,
  toWord,
  type Sheet,
} from "./protocol.ts";

const WORD = 32;

const addressWord = (address: string): Uint8Array => toWord(BigInt(checksum(address)));

/** The data of a call whose arguments are all single words. */
function call(signature: string, ...words: Uint8Array[]): string {
  return toHex(concatBytes(keccak(utf8ToBytes(signature)).subarray(0, 4), ...words));
}

/** A part behind the words of a call: its length, and its bytes filled up to whole words. */
function tail(length: number, bytes: Uint8Array): Uint8Array {
  const padding = new Uint8Array((WORD - (bytes.length % WORD)) % WORD);
  return concatBytes(toWord(length), bytes, padding);
}

/** The data of calls, in hex. */
export const CALLS = {
  // Views.
  roundCount: () => call("round_count()"),
  round: (round: number) => call("round(uint256)", toWord(round)),
  seat: (round: number, labeler: string) =>
    call("seat(uint256,address)", toWord(round), addressWord(labeler)),
  account: (owner: string) => call("account(address)", addressWord(owner)),
  nonce: (owner: string) => call("nonces(address)", addressWord(owner)),
  judge: () => call("JUDGE()"),
  asset: () => call("asset()"),

  // Transactions. A deposit of ether sends the amount along.
  deposit: (amount: bigint) => call("deposit(uint256)", toWord(amount)),
  withdraw: (amount: bigint, receiver: string) =>
    call("withdraw(uint256,address)", toWord(amount), addressWord(receiver)),

  /** Takes a seat for the sender; `stake` is what the sender agrees to lock. */
  commit(
    round: number,
    commitment: Uint8Array,
    stake: bigint,
    sealed: Uint8Array,
    evidence: readonly Uint8Array[] = [],
  ): string {
    const [first, second] = [tail(sealed.length, sealed), tail(evidence.length, concatBytes(...evidence))];
    const heads = 5 * WORD;
    return call(
      "commit(uint256,bytes32,uint256,bytes,bytes32[])",
      toWord(round),
      commitment,
      toWord(stake),
      toWord(heads),
      toWord(heads + first.length),
      first,
      second,
    );
  },

  /** Opens the seat of one labeler. */
  reveal(round: number, labeler: string, sheet: Sheet, salt: Uint8Array): string {
    const tails = [
      tail(1, addressWord(labeler)),
      tail(1, concatBytes(...sheet.map(toWord))),
      tail(1, salt),
    ];
    let at = 4 * WORD;
    const heads = tails.map((each) => {
      at += each.length;
      return toWord(at - each.length);
    });
    const signature = "reveal(uint256,address[],uint256[5][],bytes32[])";
    return call(signature, toWord(round), ...heads, ...tails);
  },
} as const;

// ------------------------------------------------------------------------------------------ answers

type Layout = readonly (readonly [name: string, bits: number])[];

// From the low end. The library's `chain.packing` has the same.
const STATUS: Layout = [
  ["stake", 88],
  ["commit", 40],
  ["reveal", 40],
  ["gold", 40],
  ["seats", 8],
  ["committed", 8],
  ["revealed", 8],
  ["gone", 8],
  ["options", 4], // less one
  ["tasks", 8], // less one
  ["hasGold", 1],
  ["hasPolicy", 1],
  ["isClosed", 1],
];
const RULES: Layout = [
  ["price", 88],
  ["rMin", 8],
  ["width", 5],
  ["kind", 1],
  ["tauBps", 14],
  ["rhoBps", 14],
  ["slashBaseBps", 14],
  ["slashMaxBps", 14],
  ["showupBps", 14],
  ["goldPassBps", 14],
  ["goldSlashBps", 14],
  ["barBps", 15],
  ["refundBps", 14],
  ["goldCount", 7],
];
const ACCOUNT: Layout = [
  ["free", 88],
  ["locked", 88],
  ["rounds", 12],
  ["near", 12],
  ["outlier", 12],
  ["unrevealed", 12],
  ["kappa", 14],
  ["opened", 9],
  ["void", 9],
];
const LEAKED = 1n;

/** The part of a round's life that it is in. */
export type Phase = "commit" | "reveal" | "gold" | "due" | "closed";

/** A round as the contract has it. */
export type RoundState = {
  readonly requester: string;
  readonly kind: "nominal" | "ordinal";
  readonly options: number;
  readonly width: number;
  readonly tasks: number;
  readonly price: bigint;
  readonly stake: bigint;
  readonly seats: number;
  /** All others of the terms, by name; shares in bps. */
  readonly terms: Readonly<Record<string, number>>;
  readonly deadlines: { readonly commit: number; readonly reveal: number; readonly gold: number };
  readonly committed: number;
  readonly revealed: number;
  readonly gone: number;
  /** As long as nobody has revealed, the root of the tasks. */
  readonly roll: Uint8Array;
  readonly goldRoot: Uint8Array;
  /** The policy that is asked before a seat is taken; null if there is none. */
  readonly admission: string | null;
  readonly isClosed: boolean;
};

/** What `CALLS.round` answers; null if there is no such round. Throws ProtocolError. */
export function readRound(answer: string): RoundState | null {
  const words = wordsOf(answer, 6);
  const status = fieldsOf(words[0]!, STATUS);
  const rules = fieldsOf(words[1]!, RULES);
  if (status.seats === 0n) return null;
  const { price, kind, width, ...others } = rules;
  const admission = addressOf(words[5]!);
  return {
    requester: addressOf(words[2]!),
    kind: kind === 0n ? "nominal" : "ordinal",
    options: Number(status.options) + 1,
    width: Number(width),
    tasks: Number(status.tasks) + 1,
    price: price!,
    stake: status.stake!,
    seats: Number(status.seats),
    terms: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, Number(value)])),
    deadlines: {
      commit: Number(status.commit),
      reveal: Number(status.reveal),
      gold: Number(status.gold),
    },
    committed: Number(status.committed),
    revealed: Number(status.revealed),
    gone: Number(status.gone),
    roll: words[3]!,
    goldRoot: words[4]!,
    admission: BigInt(admission) === 0n ? null : admission,
    isClosed: status.isClosed === 1n,
  };
}

/** The phase of a round at a time; deadlines are half-open, t < deadline is in time. */
export function phaseAt(round: RoundState, now: number): Phase {
  const { deadlines } = round;
  if (round.isClosed) return "closed";
  if (now < deadlines.commit && round.committed < round.seats) return "commit";
  const awaited = round.committed - round.revealed - round.gone;
  if (now < deadlines.reveal && awaited > 0) return "reveal";
  return now < deadlines.gold ? "gold" : "due";
}

/** Balances and record of an address; `kappa` is a moving average, in bps. */
export type Account = {
  readonly free: bigint;
  readonly locked: bigint;
  readonly rounds: number;
  readonly near: number;
  readonly outlier: number;
  readonly unrevealed: number;
  readonly kappa: number;
  readonly opened: number;
  readonly void: number;
};

/** What `CALLS.account` answers. Throws ProtocolError. */
export function readAccount(answer: string): Account {
  const { free, locked, ...counts } = fieldsOf(wordsOf(answer, 1)[0]!, ACCOUNT);
  const numbers = Object.entries(counts).map(([name, value]) => [name, Number(value)] as const);
  return { free, locked, ...Object.fromEntries(numbers) } as Account;
}

/** A commitment that is not revealed yet, "empty" (never taken, revealed or forfeited), or "leaked". */
export type Seat = Uint8Array | "empty" | "leaked";

/** What `CALLS.seat` answers. Throws ProtocolError. */
export function readSeat(answer: string): Seat {
  const word = wordsOf(answer, 1)[0]!;
  const value = toNumber(word);
  if (value === 0n) return "empty";
  return value === LEAKED ? "leaked" : word;
}

/** What a view answers that says one number. Throws ProtocolError. */
export const readNumber = (answer: string): bigint => toNumber(wordsOf(answer, 1)[0]!);

/** What a view answers that says one address. Throws ProtocolError. */
export const readAddress = (answer: string): string => addressOf(wordsOf(answer, 1)[0]!);

function wordsOf(answer: string, count: number): Uint8Array[] {
  let bytes: Uint8Array;
  try {
    bytes = fromHex(answer, count * WORD);
  } catch {
    throw new ProtocolError(
      "There is no Plumbline at this address, or the node answers nonsense: check the chain of " +
        "the wallet.",
    );
  }
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * WORD, (at + 1) * WORD));
}

function fieldsOf(word: Uint8Array, layout: Layout): Record<string, bigint> {
  let rest = toNumber(word);
  const found: Record<string, bigint> = {};
  for (const [name, bits] of layout) {
    found[name] = BigInt.asUintN(bits, rest);
    rest >>= BigInt(bits);
  }
  return found;
}

const addressOf = (word: Uint8Array): string => checksum(toHex(word.subarray(WORD - 20)));

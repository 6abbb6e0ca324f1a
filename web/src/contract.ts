// The calls and views of LabelRounds that the page needs, encoded and decoded.

import {
  fromHex,
  keccak,
  toHex,
  toNumber,
  toWord,
  type Sheet,
} from "./protocol.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What an event or a function is known by on the chain, 0x hex. */
export const topicOf = (signature: string): string => toHex(keccak(utf8(signature)));

type Word = Uint8Array | bigint | number;

/** The data of a call: the selector of a signature, and words. */
export function callData(signature: string, ...words: Word[]): string {
  const hex = words.map((word) => toHex(word instanceof Uint8Array ? word : toWord(word)).slice(2));
  return topicOf(signature).slice(0, 10) + hex.join("");
}

export const addressWord = (address: string): bigint => BigInt(address);

/** `commit` with a transaction of one's own; `stake` in wei. */
export function commitData(
  round: number,
  commitment: Uint8Array,
  stake: bigint,
  sealed: Uint8Array,
  evidence: readonly Uint8Array[],
): string {
  const padded = new Uint8Array(Math.ceil(sealed.length / 32) * 32);
  padded.set(sealed);
  return callData(
    "commit(uint256,bytes32,uint256,bytes,bytes32[])",
    ...[round, commitment, stake, 5 * 32, 6 * 32 + padded.length],
    sealed.length,
    ...Array.from({ length: padded.length / 32 }, (_, at) => padded.slice(32 * at, 32 * at + 32)),
    evidence.length,
    ...evidence,
  );
}

/** `reveal` of one seat. */
export function revealData(
  round: number,
  labeler: string,
  sheet: Sheet,
  salt: Uint8Array,
): string {
  return callData(
    "reveal(uint256,address[],uint256[5][],bytes32[])",
    ...[round, 4 * 32, 6 * 32, 12 * 32],
    ...[1, addressWord(labeler)],
    ...[1, ...sheet],
    ...[1, salt],
  );
}

/** A round in storage: amounts in wei, times in unix seconds, shares in bps. */
export type ChainRound = {
  readonly stake: bigint;
  readonly price: bigint;
  readonly commitDeadline: number;
  readonly revealDeadline: number;
  readonly goldDeadline: number;
  readonly seats: number;
  readonly committed: number;
  readonly revealed: number;
  readonly gone: number;
  readonly options: number;
  readonly tasks: number;
  readonly isOrdinal: boolean;
  readonly gold: number;
  readonly slashMaxBps: number;
  readonly isClosed: boolean;
  /** The root of the tasks as long as nobody has revealed, 32 bytes. */
  readonly roll: Uint8Array;
};

/** The words that `round(uint256)` returns; null if there is no such round. */
export function roundOf(data: Uint8Array): ChainRound | null {
  if (data.length < 6 * 32) return null;
  const status = reader(toNumber(data.subarray(0, 32)));
  const found = {
    stake: status(88),
    commitDeadline: Number(status(40)),
    revealDeadline: Number(status(40)),
    goldDeadline: Number(status(40)),
    seats: Number(status(8)),
    committed: Number(status(8)),
    revealed: Number(status(8)),
    gone: Number(status(8)),
    options: Number(status(4)) + 1,
    tasks: Number(status(8)) + 1,
    hasGold: status(1) === 1n,
    hasPolicy: status(1) === 1n,
    isClosed: status(1) === 1n,
  };
  const rules = reader(toNumber(data.subarray(32, 64)));
  const price = rules(88);
  rules(8 + 5); // r_min, width
  const isOrdinal = rules(1) === 1n;
  rules(3 * 14); // tau, rho, slash base
  const slashMaxBps = Number(rules(14));
  rules(3 * 14 + 15 + 14); // showup, gold pass, gold slash, bar, refund
  const gold = Number(rules(7));
  const roll = data.slice(96, 128);
  return found.seats === 0 ? null : { ...found, price, isOrdinal, slashMaxBps, gold, roll };
}

/** Reads a word from its low end, so many bits at a time. */
function reader(word: bigint): (bits: number) => bigint {
  let rest = word;
  return (bits) => {
    const value = rest & ((1n << BigInt(bits)) - 1n);
    rest >>= BigInt(bits);
    return value;
  };
}

/** Balances of an account, wei. */
export function accountOf(word: bigint): { free: bigint; locked: bigint } {
  const fields = reader(word);
  return { free: fields(88), locked: fields(88) };
}

export type Phase = "commit" | "reveal" | "gold" | "due" | "closed";

/** The phase of a round at a time in unix seconds, as the contract has it. */
export function phaseAt(round: ChainRound, now: number): Phase {
  if (round.isClosed) return "closed";
  if (now < round.commitDeadline && round.committed < round.seats) return "commit";
  const awaited = round.committed - round.revealed - round.gone;
  if (now < round.revealDeadline && awaited > 0) return "reveal";
  return now < round.goldDeadline ? "gold" : "due";
}

export const COMMITTED = topicOf("Committed(uint256,address,bytes32,bytes)");

/** Commitment and sealed answers in the data of the event `Committed`. */
export function committedOf(data: string): { commitment: string; sealed: Uint8Array } {
  const bytes = fromHex(data);
  const size = Number(toNumber(bytes.subarray(64, 96)));
  return { commitment: toHex(bytes.subarray(0, 32)), sealed: bytes.slice(96, 96 + size) };
}

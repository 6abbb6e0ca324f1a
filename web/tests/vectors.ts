// Rows and manifests through the page's own code, for `tests/unit/test_web_protocol.py`.
//
// `run` takes rows and manifests that the library made, and gives back what the page's code makes
// of them, together with rows and manifests of its own with what it makes of those.

import { utf8ToBytes } from "@noble/hashes/utils.js";
import { canonical, type Json } from "../src/json.ts";
import * as protocol from "../src/protocol.ts";

const { fromHex, toHex } = protocol;

/** What a row is about: all in hex, amounts as decimal strings. `salt` is empty if derived. */
type Row = {
  chainId: number;
  address: string;
  genesis: string;
  labeler: string;
  epoch: number;
  signature: string;
  round: number;
  options: number;
  answers: protocol.Answer[];
  salt: string;
  stake: string;
  evidence: string[];
  isWallet: boolean;
  amount: string;
  fee: string;
  deadline: number;
  nonce: number;
  sealed?: string; // by the library, to be opened
};

type Given = {
  rows: Row[];
  manifests: string[];
  addresses: string[];
  sheets: { planes: string[]; options: number; tasks: number }[];
  histories: { known: number; sealed: string[] }[];
  boxes: { row: Row; sealed: string; options: number; tasks: number }[];
  seed: number;
  count: number;
};

export function run(text: string): string {
  const given = JSON.parse(text) as Given;
  const dice = new Dice(given.seed);
  const rows = Array.from({ length: given.count }, (_, nth) => rowOf(dice, nth));
  const manifests = Array.from({ length: given.count }, () => toHex(manifestBytes(dice)));
  return JSON.stringify({
    made: given.rows.map(madeOf),
    read: given.manifests.map(readingOf),
    addresses: given.addresses.map((text) => unlessRefused(() => protocol.checksum(text))),
    sheets: given.sheets.map(({ planes, options, tasks }) =>
      unlessRefused(() => protocol.unpack(planes.map(BigInt), options, tasks)),
    ),
    epochs: given.histories.map(({ known, sealed }) =>
      protocol.epochNow(known, sealed.map((each) => fromHex(each))),
    ),
    boxes: given.boxes.map(({ row, sealed, options, tasks }) =>
      unlessRefused(() => {
        const where = [keyOf(row), deployedIn(row), row.round, row.labeler] as const;
        return protocol.unseal(...where, fromHex(sealed), options, tasks).answers;
      }),
    ),
    own: { rows, made: rows.map(madeOf), manifests, read: manifests.map(readingOf) },
  });
}

/** What is made; null if it is refused. */
function unlessRefused<T>(made: () => T): T | null {
  try {
    return made();
  } catch (error) {
    if (error instanceof protocol.ProtocolError) return null;
    throw error;
  }
}

const deployedIn = (row: Row) => ({ chainId: row.chainId, address: row.address });

function keyOf(row: Row): protocol.MasterKey {
  const signature = fromHex(row.signature);
  return protocol.MasterKey.fromSignature(deployedIn(row), row.labeler, row.epoch, signature);
}

function madeOf(row: Row): object {
  const deployed = deployedIn(row);
  const { round, labeler, options, answers } = row;
  const signature = fromHex(row.signature);
  const key = keyOf(row);
  const sheet = protocol.pack(answers, options);
  const derived = key.salt(round, sheet);
  const given = fromHex(row.salt);
  const salt = given.length ? given : derived;
  const where = [key, deployed, round, labeler] as const;
  const sealed = protocol.seal(...where, answers, options, given);
  const theirs = fromHex(row.sealed ?? toHex(sealed));
  const back = protocol.unseal(...where, theirs, options, answers.length);
  const commitment = protocol.commitmentTo(deployed, round, labeler, sheet, salt);
  const seat = { round, labeler, stake: BigInt(row.stake), commitment, sealed };
  const keyData = protocol.answerKeyTypedData(deployed, labeler, row.epoch);
  const commitData = protocol.commitTypedData(deployed, seat);
  const withdrawal = {
    owner: labeler,
    amount: BigInt(row.amount),
    receiver: row.address,
    fee: BigInt(row.fee),
    deadline: row.deadline,
    nonce: row.nonce,
  };
  const withdrawalData = protocol.withdrawalTypedData(deployed, withdrawal);
  const evidence = row.evidence.map((word) => fromHex(word, 32));
  const opening = { round, labeler, options, answers, salt };
  return {
    address: protocol.checksum(labeler),
    domain: toHex(protocol.domainSeparator(deployed)),
    compact: toHex(protocol.compactSignature(signature)),
    keyData,
    keyDigest: toHex(protocol.digestOf(keyData)),
    fingerprint: toHex(key.fingerprint),
    sheet: sheet.map(String),
    derived: toHex(derived),
    sealingKey: toHex(key.sealingKey(round)),
    sealed: toHex(sealed),
    epoch: protocol.epochOf(theirs),
    unsealed: back.answers,
    unsealedSalt: toHex(back.salt),
    unpacked: protocol.unpack(sheet, options, answers.length),
    commitment: toHex(commitment),
    commitData,
    commitDigest: toHex(protocol.digestOf(commitData)),
    commitmentFile: protocol.commitmentFile(deployed, seat, signature, evidence, row.isWallet),
    openingFile: protocol.openingFile(deployed, fromHex(row.genesis, 32), opening),
    withdrawalData,
    withdrawalDigest: toHex(protocol.digestOf(withdrawalData)),
    withdrawalFile: protocol.withdrawalFile(deployed, withdrawal, signature),
  };
}

/** What a file of tasks says; only that there is an error if it is refused. */
function readingOf(content: string): object {
  try {
    const manifest = protocol.readManifest(fromHex(content));
    return {
      root: toHex(protocol.tasksRoot(manifest)),
      names: manifest.names,
      options: manifest.options,
      instructions: manifest.instructions,
      media: manifest.tasks.flatMap(protocol.mediaIn),
    };
  } catch (error) {
    if (error instanceof protocol.ProtocolError) return { refused: error.message };
    throw error;
  }
}

// ------------------------------------------------------------------------------------------ chance

class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(most: number): number {
    // Mulberry32: 32 good bits from a counter.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  list<T>(length: number, made: (nth: number) => T): T[] {
    return Array.from({ length }, (_, nth) => made(nth));
  }

  hex(bytes: number): string {
    return toHex(Uint8Array.from(this.list(bytes, () => this.below(256))));
  }
}

const EDGES = [12, 13, 255, 256];

function rowOf(dice: Dice, nth: number): Row {
  const options = nth < 15 ? 2 + nth : 2 + dice.below(15);
  const tasks = nth < EDGES.length ? EDGES[nth]! : 12 + dice.below(245);
  const answers = dice.list(tasks, () => dice.one([null, ...dice.list(options, (at) => at)]));
  const stake = BigInt(dice.hex(11));
  return {
    chainId: dice.one([1, 10, 31337, 2 ** 40]),
    address: dice.hex(20),
    genesis: dice.hex(32),
    labeler: dice.hex(20),
    epoch: dice.one([0, 1, 255, 256, protocol.MAX_EPOCH]),
    signature: signatureOf(dice),
    round: 1 + dice.below(2 ** 32 - 1),
    options,
    answers: nth % 10 === 9 ? answers.map(() => null) : answers,
    salt: nth % 3 === 0 ? dice.hex(32) : "0x",
    stake: String(stake),
    evidence: dice.list(dice.below(4), () => dice.hex(32)),
    isWallet: false,
    amount: String(stake + 1n),
    fee: String(stake / 3n),
    deadline: dice.below(2 ** 32),
    nonce: dice.below(1000),
  };
}

/** Numbers in range, s low or high, v in each of its forms. */
function signatureOf(dice: Dice): string {
  const s = dice.one(["6f", "9f"]) + dice.hex(31).slice(2);
  return dice.hex(32) + s + dice.one(["00", "01", "1b", "1c"]);
}

const LETTERS = [
  ..."aZ09\"\\/<&' \n\t\r\b\f",
  ..."\u0000\u001f\u007f\u00e9\u05d0\u200b\u2028\u202e\ud7ff\ue000\ufeff\uffff",
  ..."\u{1f600}\u{1f0a1}\u{10ffff}",
];
const KEYS = ["10", "9", "a", "B", "__proto__", "constructor", "src", "sha256", "\uffff", "\u{1f600}"];

function textOf(dice: Dice): string {
  return dice.list(dice.below(8), () => dice.one(LETTERS)).join("");
}

function valueOf(dice: Dice, depth: number): Json {
  const kind = dice.below(depth < 4 ? 7 : 5);
  if (kind < 2) return textOf(dice);
  if (kind === 2) return dice.one([0, 1, -1, 2 ** 53 - 1, 1 - 2 ** 53, dice.below(10 ** 6)]);
  if (kind === 3) return dice.one([true, false, null]);
  if (kind === 4) return new Map<string, Json>([["src", "a"], ["sha256", dice.hex(32).slice(2)]]);
  const parts = dice.below(4);
  if (kind === 5) return dice.list(parts, () => valueOf(dice, depth + 1));
  const pairs = dice.list(parts, (): [string, Json] => {
    return [dice.one([...KEYS, textOf(dice)]), valueOf(dice, depth + 1)];
  });
  return new Map(pairs);
}

function manifestBytes(dice: Dice): Uint8Array {
  const fields: [string, Json][] = [
    ["tasks", dice.list(1 + dice.below(20), () => valueOf(dice, 1))],
    ["options", dice.list(2 + dice.below(15), () => textOf(dice))],
    ["instructions", textOf(dice)],
    [dice.one(KEYS), valueOf(dice, 1)],
  ];
  return utf8ToBytes(canonical(new Map(fields)));
}

// All that a labeler's wallet and the contract agree on, byte for byte as the library has it.
//
//   sheets         answers as five bit planes                                       specification D1
//   typed data     what a wallet is asked to sign: AnswerKey, Commit, Withdrawal    H0, H3, H8.1
//   commitments    and the files that carry them, their openings and withdrawals    H1
//   keys           the secrets of an account and epoch, from one signature          H8
//   sealing        answers as ciphertext, for the event of a commitment             H8.5, H8.6
//   manifest       the tasks of a round, their root, and the media they refer to    H6
//
// Nothing here asks a network or touches a page. `tests/unit/test_web_protocol.py` holds it against
// the library in both directions.

import { aessiv } from "@noble/ciphers/aes.js";
import { expand, hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonical, JsonError, parseJson, type Json, type JsonObject } from "./json.ts";

/** Values that cannot be hashed, signed or opened; the message is a sentence for people. */
export class ProtocolError extends Error {}

/** Which contract on which chain. */
export type Deployed = { readonly chainId: number; readonly address: string };

/** The number of an option, or null for a skip. */
export type Answer = number | null;

// -------------------------------------------------------------------------------- bytes and words

const WORD = 32;
const LARGEST = (1n << 256n) - 1n;

/** 0x and hex digits. */
export const toHex = (bytes: Uint8Array): string => "0x" + bytesToHex(bytes);

/** The bytes of 0x and hex digits; `size` of them if it is given. Throws ProtocolError. */
export function fromHex(text: string, size?: number): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) throw new ProtocolError("no bytes: give 0x and hex");
  const bytes = hexToBytes(text.slice(2));
  if (size !== undefined && bytes.length !== size)
    throw new ProtocolError(`${bytes.length} bytes: there must be ${size}`);
  return bytes;
}

/** A number as 32 bytes. Throws ProtocolError if it does not fit. */
export function toWord(value: bigint | number): Uint8Array {
  const whole = BigInt(value);
  if (whole < 0n || whole > LARGEST) throw new ProtocolError(`${whole} does not fit into 256 bits`);
  return hexToBytes(whole.toString(16).padStart(2 * WORD, "0"));
}

/** The number that bytes are, big-endian. */
export const toNumber = (bytes: Uint8Array): bigint => BigInt("0x0" + bytesToHex(bytes));

export const keccak = (...parts: Uint8Array[]): Uint8Array => keccak_256(concatBytes(...parts));

const keccakText = (text: string): Uint8Array => keccak_256(utf8ToBytes(text));

/** An address with its checksum. Throws ProtocolError for anything else, or a wrong checksum. */
export function checksum(address: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address))
    throw new ProtocolError("no address: give 0x and 40 hex digits");
  const digits = address.slice(2);
  const low = digits.toLowerCase();
  const hash = bytesToHex(keccakText(low));
  const right = [...low].map((each, at) => (hash[at]! >= "8" ? each.toUpperCase() : each)).join("");
  if (digits !== low && digits !== digits.toUpperCase() && digits !== right)
    throw new ProtocolError(`${address} has a wrong checksum: copy the address again`);
  return "0x" + right;
}

const addressBytes = (address: string): Uint8Array => hexToBytes(checksum(address).slice(2));
const addressWord = (address: string): Uint8Array => toWord(toNumber(addressBytes(address)));

// ------------------------------------------------------------------------------------------ sheets

export const MAX_TASKS = 256;
export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 16;
const DIGITS = 4;

/** Five planes, a bit of each for every task: answered or not, and the digits of the option. */
export type Sheet = readonly bigint[];

/** Answers as a sheet. Throws ProtocolError. */
export function pack(answers: readonly Answer[], options: number): Sheet {
  if (answers.length > MAX_TASKS) throw new ProtocolError(`a sheet holds ${MAX_TASKS} answers`);
  if (options > MAX_OPTIONS) throw new ProtocolError(`a sheet tells ${MAX_OPTIONS} options apart`);
  const planes: bigint[] = Array.from({ length: 1 + DIGITS }, () => 0n);
  answers.forEach((answer, task) => {
    if (answer === null) return;
    if (!Number.isInteger(answer) || answer < 0 || answer >= options)
      throw new ProtocolError(`task ${task} has answer ${answer}: must be 0 to ${options - 1}`);
    const bit = 1n << BigInt(task);
    planes[0]! |= bit;
    for (let digit = 0; digit < DIGITS; digit++)
      if ((answer >> digit) & 1) planes[1 + digit]! |= bit;
  });
  return planes;
}

/** The answers on a sheet. Throws ProtocolError unless `pack` could have written it. */
export function unpack(sheet: Sheet, options: number, tasks: number): Answer[] {
  const malformed = new ProtocolError("the planes are no sheet of answers to these tasks");
  if (sheet.length !== 1 + DIGITS) throw malformed;
  const answers = Array.from({ length: tasks }, (_, task): Answer => {
    const has = (plane: number): boolean => ((sheet[plane]! >> BigInt(task)) & 1n) === 1n;
    const option = [3, 2, 1, 0].reduce((sum, digit) => 2 * sum + Number(has(1 + digit)), 0);
    return has(0) ? option : null;
  });
  const again = pack(answers, options);
  if (again.some((plane, number) => plane !== sheet[number])) throw malformed;
  return answers;
}

// -------------------------------------------------------------------------------------- typed data

type Field = { readonly name: string; readonly type: string };

/** A message as wallets take it: `eth_signTypedData_v4`, once it is JSON. */
export type TypedData = {
  readonly types: Readonly<Record<string, readonly Field[]>>;
  readonly primaryType: string;
  readonly domain: {
    readonly name: string;
    readonly version: string;
    readonly chainId: number;
    readonly verifyingContract: string;
  };
  readonly message: Readonly<Record<string, string>>;
};

const fields = (...named: [string, string][]): Field[] =>
  named.map(([name, type]) => ({ name, type }));

const NAME = "Plumbline";
const VERSION = "1";
const DOMAIN = fields(
  ["name", "string"],
  ["version", "string"],
  ["chainId", "uint256"],
  ["verifyingContract", "address"],
);
const ANSWER_KEY = fields(["purpose", "string"], ["account", "address"], ["epoch", "uint256"]);
const COMMIT = fields(
  ["round", "uint256"],
  ["labeler", "address"],
  ["stake", "uint256"],
  ["commitment", "bytes32"],
  ["sealed", "bytes"],
);
const WITHDRAWAL = fields(
  ["owner", "address"],
  ["amount", "uint256"],
  ["receiver", "address"],
  ["fee", "uint256"],
  ["deadline", "uint256"],
  ["nonce", "uint256"],
);

/** What the wallet shows to whoever signs; the library's `master_key` has the same. */
export const KEY_PURPOSE =
  "Unlock my secret answers and gold answers of this epoch. Whoever has this signature can read " +
  "them before they are revealed, and take my stake. I sign it only where I answer tasks or open " +
  "rounds myself: never to log in, never to claim anything, and never because somebody asks.";

const typeHash = (name: string, of: readonly Field[]): Uint8Array =>
  keccakText(`${name}(${of.map(({ name, type }) => `${type} ${name}`).join(",")})`);

/** The EIP-712 domain separator, 32 bytes. */
export function domainSeparator(deployed: Deployed): Uint8Array {
  return keccak(
    typeHash("EIP712Domain", DOMAIN),
    keccakText(NAME),
    keccakText(VERSION),
    toWord(deployed.chainId),
    addressWord(deployed.address),
  );
}

function typedData(
  deployed: Deployed,
  primaryType: string,
  of: readonly Field[],
  message: Record<string, string>,
): TypedData {
  return {
    types: { EIP712Domain: DOMAIN, [primaryType]: of },
    primaryType,
    domain: {
      name: NAME,
      version: VERSION,
      chainId: deployed.chainId,
      verifyingContract: checksum(deployed.address),
    },
    message,
  };
}

/** The 32 bytes that are signed for one of our messages. */
export function digestOf(data: TypedData): Uint8Array {
  const of = data.types[data.primaryType]!;
  const values = of.map(({ name, type }) => {
    const value = data.message[name]!;
    if (type === "string") return keccakText(value);
    if (type === "bytes") return keccak_256(fromHex(value));
    return toWord(BigInt(value)); // uint256, address, bytes32
  });
  const domain = domainSeparator({
    chainId: data.domain.chainId,
    address: data.domain.verifyingContract,
  });
  return keccak(hexToBytes("1901"), domain, keccak(typeHash(data.primaryType, of), ...values));
}

/** What an account signs for its secrets of an epoch. */
export function answerKeyTypedData(deployed: Deployed, account: string, epoch: number): TypedData {
  const message = { purpose: KEY_PURPOSE, account: checksum(account), epoch: String(epoch) };
  return typedData(deployed, "AnswerKey", ANSWER_KEY, message);
}

/** What a labeler signs to let others relay a commitment; `stake` in wei. */
export function commitTypedData(deployed: Deployed, seat: UnsignedCommitment): TypedData {
  return typedData(deployed, "Commit", COMMIT, {
    round: String(seat.round),
    labeler: checksum(seat.labeler),
    stake: String(seat.stake),
    commitment: toHex(seat.commitment),
    sealed: toHex(seat.sealed),
  });
}

/** What an owner signs to be paid out by others. */
export function withdrawalTypedData(deployed: Deployed, withdrawal: Withdrawal): TypedData {
  return typedData(deployed, "Withdrawal", WITHDRAWAL, {
    owner: checksum(withdrawal.owner),
    amount: String(withdrawal.amount),
    receiver: checksum(withdrawal.receiver),
    fee: String(withdrawal.fee),
    deadline: String(withdrawal.deadline),
    nonce: String(withdrawal.nonce),
  });
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A signature of a key in 64 bytes, r and vs (EIP-2098), with the low s. Throws ProtocolError. */
export function compactSignature(signature: Uint8Array): Uint8Array {
  if (signature.length === 64) return signature;
  const v = signature[64]!;
  if (signature.length !== 65 || ![0, 1, 27, 28].includes(v))
    throw new ProtocolError("this is no signature of a key: contract wallets make such");
  let s = toNumber(signature.subarray(32, 64));
  let parity = v % 27;
  if (s <= 0n || s >= ORDER) throw new ProtocolError("a signature with s out of range: sign again");
  if (s > ORDER / 2n) {
    s = ORDER - s;
    parity = 1 - parity;
  }
  return concatBytes(signature.subarray(0, 32), toWord(s + (BigInt(parity) << 255n)));
}

// ------------------------------------------------------------------------- commitments, and files

const COMMITMENT_TYPE = keccakText(
  "PlumblineCommitment(bytes32 domain,uint256 round,address labeler,uint256[5] sheet,bytes32 salt)",
);
const FILE_VERSION = 1;

/** The commitment of a labeler to a sheet, 32 bytes. */
export function commitmentTo(
  deployed: Deployed,
  round: number,
  labeler: string,
  sheet: Sheet,
  salt: Uint8Array,
): Uint8Array {
  if (salt.length !== WORD) throw new ProtocolError("a salt has 32 bytes");
  const where = [domainSeparator(deployed), toWord(round), addressWord(labeler)];
  return keccak(COMMITMENT_TYPE, ...where, ...sheet.map(toWord), salt);
}

/** What takes a seat; `stake` in wei. */
export type UnsignedCommitment = {
  readonly round: number;
  readonly labeler: string;
  readonly stake: bigint;
  readonly commitment: Uint8Array;
  readonly sealed: Uint8Array;
};

/** A signed commitment as `plumbline labeler sign` writes it. It holds no secret. */
export function commitmentFile(
  deployed: Deployed,
  seat: UnsignedCommitment,
  signature: Uint8Array,
  evidence: readonly Uint8Array[] = [],
  isWallet = false,
): string {
  return asFile({
    version: FILE_VERSION,
    chain_id: deployed.chainId,
    contract: checksum(deployed.address),
    round: seat.round,
    labeler: checksum(seat.labeler),
    stake: String(seat.stake),
    commitment: toHex(seat.commitment),
    sealed: toHex(seat.sealed),
    evidence: evidence.map(toHex),
    is_wallet: isWallet,
    signature: toHex(signature),
  });
}

/** What opens a seat. Secret until the commit phase is over and final. */
export type Opening = {
  readonly round: number;
  readonly labeler: string;
  readonly options: number;
  readonly answers: readonly Answer[];
  readonly salt: Uint8Array;
};

/** A delegated reveal as `plumbline labeler reveal --export` writes it; `genesis` of the chain. */
export function openingFile(deployed: Deployed, genesis: Uint8Array, opening: Opening): string {
  const { round, labeler, options, answers, salt } = opening;
  const commitment = commitmentTo(deployed, round, labeler, pack(answers, options), salt);
  return asFile({
    version: FILE_VERSION,
    chain_id: deployed.chainId,
    genesis: toHex(genesis),
    contract: checksum(deployed.address),
    round,
    labeler: checksum(labeler),
    commitment: toHex(commitment),
    options,
    answers,
    salt: toHex(salt),
  });
}

/** Amounts in wei, of which the fee is a part; `deadline` in unix seconds. */
export type Withdrawal = {
  readonly owner: string;
  readonly amount: bigint;
  readonly receiver: string;
  readonly fee: bigint;
  readonly deadline: number;
  readonly nonce: number;
};

/** A signed withdrawal as `plumbline labeler withdraw --sign` writes it. */
export function withdrawalFile(
  deployed: Deployed,
  withdrawal: Withdrawal,
  signature: Uint8Array,
): string {
  return asFile({
    version: FILE_VERSION,
    chain_id: deployed.chainId,
    contract: checksum(deployed.address),
    owner: checksum(withdrawal.owner),
    amount: String(withdrawal.amount),
    receiver: checksum(withdrawal.receiver),
    fee: String(withdrawal.fee),
    deadline: withdrawal.deadline,
    nonce: withdrawal.nonce,
    signature: toHex(compactSignature(signature)),
  });
}

const asFile = (values: object): string => JSON.stringify(values, null, 2) + "\n";

// -------------------------------------------------------------------------------------------- keys

export const MAX_EPOCH = 2 ** 16 - 1;
const MAX_LEAP = 256; // epochs that are gone on by at once
const SEALING_BYTES = 64; // AES-256-SIV takes two keys in one

/** What all secrets of an account in one deployment and epoch are derived from. */
export class MasterKey {
  readonly epoch: number;
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array, epoch: number) {
    this.#secret = secret;
    this.epoch = epoch;
  }

  /** From the signature of `answerKeyTypedData`. Throws ProtocolError if it is invalid. */
  static fromSignature(
    deployed: Deployed,
    account: string,
    epoch: number,
    signature: Uint8Array,
  ): MasterKey {
    if (!Number.isInteger(epoch) || epoch < 0 || epoch > MAX_EPOCH)
      throw new ProtocolError(`epochs are 0 to ${MAX_EPOCH}`);
    const info = concatBytes(utf8ToBytes("plumbline master key 1"), addressBytes(account));
    const salt = domainSeparator(deployed);
    return new MasterKey(hkdf(sha256, compactSignature(signature), salt, info, WORD), epoch);
  }

  /** What answers of a round are encrypted with, 64 bytes. */
  sealingKey(round: number): Uint8Array {
    return this.#derive("plumbline sealing key 1", SEALING_BYTES, [round]);
  }

  /** The salt of a commitment to this sheet in that round, 32 bytes. */
  salt(round: number, sheet: Sheet): Uint8Array {
    return this.#derive("plumbline salt 1", WORD, [round, ...sheet]);
  }

  /** Tells whether it is the same key as before, and nothing else; 16 bytes. */
  get fingerprint(): Uint8Array {
    return this.#derive("plumbline fingerprint 1", 16, []);
  }

  #derive(purpose: string, length: number, words: readonly (bigint | number)[]): Uint8Array {
    const info = concatBytes(utf8ToBytes(purpose), ...words.map(toWord));
    return expand(sha256, this.#secret, info, length);
  }
}

// ----------------------------------------------------------------------------------------- sealing

const EPOCH_BYTES = 2;
const TAG_BYTES = 16;

/** Encrypt the answers of a labeler; `salt` only if it is not the one that `key` makes. */
export function seal(
  key: MasterKey,
  deployed: Deployed,
  round: number,
  labeler: string,
  answers: readonly Answer[],
  options: number,
  salt: Uint8Array = new Uint8Array(),
): Uint8Array {
  pack(answers, options); // refuses what is no answer
  const base = BigInt(options + 1);
  const value = answers.reduce<bigint>(
    (sum, answer) => sum * base + (answer === null ? 0n : BigInt(answer + 1)),
    0n,
  );
  const digits = value.toString(16).padStart(2 * plainBytes(answers.length, options), "0");
  const box = sealingBox(key, deployed, round, labeler);
  const ciphertext = box.encrypt(concatBytes(hexToBytes(digits), salt));
  return concatBytes(epochBytes(key.epoch), ciphertext);
}

/** Answers, and the salt if it was sealed too, else an empty one. Throws ProtocolError. */
export function unseal(
  key: MasterKey,
  deployed: Deployed,
  round: number,
  labeler: string,
  sealed: Uint8Array,
  options: number,
  tasks: number,
): { answers: Answer[]; salt: Uint8Array } {
  const plaintext = opened(key, deployed, round, labeler, sealed);
  const size = plainBytes(tasks, options);
  const salt = plaintext.subarray(size);
  const base = BigInt(options + 1);
  let value = toNumber(plaintext.subarray(0, size));
  const answers: Answer[] = [];
  for (let task = 0; task < tasks; task++) {
    const digit = Number(value % base);
    answers.push(digit === 0 ? null : digit - 1);
    value /= base;
  }
  if (value !== 0n || plaintext.length < size || ![0, WORD].includes(salt.length))
    throw new ProtocolError(`the sealed answers of round ${round} are not answers to its tasks`);
  return { answers: answers.reverse(), salt };
}

/** The epoch of the key that opens sealed answers; null if they are too short to be any. */
export function epochOf(sealed: Uint8Array): number | null {
  if (sealed.length <= EPOCH_BYTES + TAG_BYTES) return null;
  return Number(toNumber(sealed.subarray(0, EPOCH_BYTES)));
}

/**
 * The epoch that an account is in: `known` here, or the last one that its own sealed answers on
 * the chain, in the order of the chain, have gone on to.
 */
export function epochNow(known: number, sealed: readonly Uint8Array[]): number {
  return sealed.map(epochOf).reduce<number>((epoch, found) => {
    // What is farther away was not sealed by a program of ours, and would use up all epochs.
    return found !== null && found > epoch && found <= epoch + MAX_LEAP ? found : epoch;
  }, known);
}

function opened(
  key: MasterKey,
  deployed: Deployed,
  round: number,
  labeler: string,
  sealed: Uint8Array,
): Uint8Array {
  const box = sealingBox(key, deployed, round, labeler);
  try {
    if (epochOf(sealed) === key.epoch) return box.decrypt(sealed.subarray(EPOCH_BYTES));
  } catch {
    // Said below, as for another epoch.
  }
  throw new ProtocolError(`the sealed answers of round ${round} were not sealed by this wallet`);
}

function sealingBox(key: MasterKey, deployed: Deployed, round: number, labeler: string) {
  return aessiv(
    key.sealingKey(round),
    utf8ToBytes("plumbline sealed answers 1"),
    domainSeparator(deployed),
    toWord(round),
    addressBytes(labeler),
    epochBytes(key.epoch),
  );
}

const epochBytes = (epoch: number): Uint8Array => toWord(epoch).subarray(WORD - EPOCH_BYTES);

function plainBytes(tasks: number, options: number): number {
  const most = BigInt(options + 1) ** BigInt(tasks) - 1n;
  return most === 0n ? 0 : Math.ceil(most.toString(2).length / 8);
}

// ---------------------------------------------------------------------------------------- manifest

const LONGEST_HEAD = 2 ** 16; // bytes

/** The tasks of a round and what is common to them. */
export type Manifest = {
  readonly options: readonly string[];
  readonly tasks: readonly Json[];
  readonly instructions: string; // may be empty
  readonly question: JsonObject | null;
  /** Everything but the tasks, as a root pins it. */
  readonly head: JsonObject;
  /** What tasks are called in files: their `id`, or 1, 2, .. */
  readonly names: readonly string[];
};

/** The manifest in a file. Throws ProtocolError if it is none, or could mean another. */
export function readManifest(content: Uint8Array): Manifest {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new ProtocolError("the tasks are not text in UTF-8");
  }
  return explained(() => manifestOf(parseJson(text)));
}

function manifestOf(value: Json): Manifest {
  if (!(value instanceof Map)) throw new ProtocolError("a task manifest is an object");
  const options = value.get("options");
  const tasks = value.get("tasks");
  const instructions = value.has("instructions") ? value.get("instructions") : "";
  const question = value.get("question") ?? null;
  if (!Array.isArray(options) || !options.every((name) => typeof name === "string"))
    throw new ProtocolError("options of the task manifest must be a list of names");
  if (!Array.isArray(tasks)) throw new ProtocolError("tasks of the task manifest must be a list");
  if (typeof instructions !== "string")
    throw new ProtocolError("instructions of the task manifest must be text");
  if (question !== null && !(question instanceof Map))
    throw new ProtocolError("the question of the task manifest must be an object");
  if (value.has("task")) throw new ProtocolError("a task manifest has no `task`, but `tasks`");
  const head = new Map(value);
  head.delete("tasks");
  if (instructions === "") head.delete("instructions");
  if (question === null) head.delete("question");
  return { options, tasks, instructions, question, head, names: namesOf(tasks) };
}

function namesOf(tasks: readonly Json[]): string[] {
  if (!tasks.some((task) => task instanceof Map && task.has("id")))
    return tasks.map((_, index) => String(index + 1));
  const names = tasks.map((task) => (task instanceof Map ? task.get("id") : null));
  if (!names.every((name) => typeof name === "number" || (typeof name === "string" && name !== "")))
    throw new ProtocolError("some tasks have an id (a text or a whole number) and others have none");
  const texts = names.map(String);
  if (new Set(texts).size !== texts.length) throw new ProtocolError("two tasks have the same id");
  return texts;
}

/** What the contract stores as `tasks_root`, 32 bytes. Throws ProtocolError. */
export function tasksRoot(manifest: Manifest): Uint8Array {
  return explained(() => {
    if (utf8ToBytes(canonical(manifest.head)).length > LONGEST_HEAD)
      throw new ProtocolError(`what all tasks have in common takes more than ${LONGEST_HEAD} bytes`);
    if (manifest.tasks.length === 0) throw new ProtocolError("there are no tasks");
    let level: Uint8Array[] = manifest.tasks.map((task, index) => {
      const shown = canonical(new Map([...manifest.head, ["task", task]]));
      return keccak_256(keccak(toWord(index), utf8ToBytes(shown)));
    });
    while (level.length > 1)
      level = Array.from({ length: Math.ceil(level.length / 2) }, (_, at) =>
        joined(level[2 * at]!, level[2 * at + 1]),
      );
    return level[0]!;
  });
}

const joined = (left: Uint8Array, right: Uint8Array | undefined): Uint8Array => {
  if (right === undefined) return left; // an odd last one moves up as it is
  return toNumber(left) <= toNumber(right) ? keccak(left, right) : keccak(right, left);
};

/** Throws ProtocolError unless these are exactly the tasks of a round, by the chain's word. */
export function requireTasks(
  manifest: Manifest,
  root: Uint8Array,
  tasks: number,
  options: number,
): void {
  const isRight =
    manifest.tasks.length === tasks &&
    manifest.options.length === options &&
    toHex(tasksRoot(manifest)) === toHex(root);
  if (!isRight)
    throw new ProtocolError(
      "these are not the tasks that the requester committed to: do not answer them, and tell " +
        "whoever runs this site",
    );
}

/** A reference to content: `src` says where, `sha256` (64 lower-case hex digits) which. */
export type Media = { readonly src: string; readonly sha256: string; readonly type: string };

/** The reference that a value in a task is; null if it is none. */
export function mediaOf(value: Json): Media | null {
  if (!isLikeMedia(value)) return null;
  const [src, sha256, type] = [value.get("src"), value.get("sha256"), value.get("type") ?? ""];
  if (typeof src !== "string" || typeof sha256 !== "string" || typeof type !== "string") return null;
  if (value.get("type") === null || src === "" || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  return { src, sha256, type };
}

/** All references in a task, in its order. */
export function mediaIn(value: Json): Media[] {
  if (isLikeMedia(value)) {
    const media = mediaOf(value);
    return media === null ? [] : [media];
  }
  if (value instanceof Map) return [...value.values()].flatMap(mediaIn);
  return Array.isArray(value) ? value.flatMap(mediaIn) : [];
}

const isLikeMedia = (value: Json): value is JsonObject =>
  value instanceof Map && value.has("src") && value.has("sha256");

/** Whether bytes are the content with that SHA-256, in hex. */
export const hasHash = (content: Uint8Array, hash: string): boolean =>
  bytesToHex(sha256(content)) === hash;

function explained<T>(made: () => T): T {
  try {
    return made();
  } catch (error) {
    if (error instanceof JsonError) throw new ProtocolError(`the tasks are broken: ${error.message}`);
    throw error;
  }
}

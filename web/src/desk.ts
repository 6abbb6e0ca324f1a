// A round as a labeler has it in hand: what the chain says of it, where the site says otherwise,
// its tasks, and the draft of the answers.

import * as api from "./api.ts";
import { isLeaked, type ChainRound, type Phase } from "./chain.ts";
import { phaseAt } from "./contract.ts";
import { Draft } from "./drafts.ts";
import type { Labeler, SeatToOpen } from "./labeler.ts";
import { fromHex, readManifest, requireTasks, toHex, type Manifest } from "./protocol.ts";
import { questionOf, type Question } from "./question.ts";

const LARGEST_MANIFEST = 64 * 2 ** 20; // bytes
const BPS = 10_000n;
const ORDER = ["commit", "reveal", "gold", "due", "closed", "expired"];

/** The terms of a round; amounts in the smallest unit, times in unix seconds. */
export type Terms = {
  readonly stake: bigint;
  readonly price: bigint;
  readonly outlierCost: bigint;
  readonly silenceCost: bigint;
  readonly tasks: number;
  readonly options: number;
  readonly isOrdinal: boolean;
  readonly gold: number;
  readonly seats: number;
  readonly committed: number;
  readonly revealed: number;
  readonly commitDeadline: number;
  readonly revealDeadline: number;
  readonly closeDeadline: number;
};

/** How the labeler stands in a round. */
export type SeatState =
  | "none" // may take a seat
  | "signed" // a commitment was handed in, and is not on the chain yet
  | "undone" // a reorganisation took the seat back
  | "late" // has no seat, and can have none
  | "waiting" // seated: answers must not be shown yet
  | "ready" // to be revealed
  | "handed" // to be revealed by the site
  | "missed" // not revealed in time
  | "leaked"
  | "revealed"
  | "settled";

export class Desk {
  readonly number: number;
  readonly #labeler: Labeler | null;
  reported!: api.SiteRound;
  /** What the chain says; null without a wallet. */
  state: ChainRound | null = null;
  seat: string | null = null;
  free = 0n;
  secrecy: string | null = null;
  #now = 0;
  #read = 0;
  #draft: Draft | null = null;
  #asked: { manifest: Manifest; question: Question } | null = null;

  private constructor(number: number, labeler: Labeler | null) {
    this.number = number;
    this.#labeler = labeler;
  }

  /** Throws SiteError, ChainError, WalletError. */
  static async open(number: number, labeler: Labeler | null): Promise<Desk> {
    const desk = new Desk(number, labeler);
    await desk.refresh();
    return desk;
  }

  /** Look at the round again: whether anything has changed. */
  async refresh(): Promise<boolean> {
    const before = this.#look;
    const [labeler, number] = [this.#labeler, this.number];
    this.reported = await api.round(number, labeler?.address ?? null);
    if (labeler === null) {
      this.#now = this.reported.now;
    } else {
      const { chain, address } = labeler;
      const now = await chain.now(); // first: the rest may be of another chain
      const [state, seat, account] = await Promise.all([
        chain.round(number),
        chain.seat(number, address),
        chain.account(address),
      ]);
      [this.state, this.seat, this.free, this.#now] = [state, seat, account.free, now];
      this.secrecy = seat === null ? null : await chain.secrecy(number, state, now);
      if (this.#draft === null && state.revealed === 0)
        this.#draft = this.#newDraft(toHex(state.roll));
      if (seat !== null) this.draft?.noteSeated();
    }
    this.#read = Date.now();
    return this.#look !== before;
  }

  /** All that a screen depends on, as text. */
  get #look(): string {
    if (this.#read === 0) return "";
    const parts = [{ ...this.reported, now: 0 }, this.state, this.seat, this.free, this.secrecy];
    const plain = (_: string, value: unknown): unknown =>
      typeof value === "bigint" || value instanceof Uint8Array ? String(value) : value;
    return JSON.stringify([parts, this.phase, this.seatState], plain);
  }

  /** The time on the chain, unix seconds: it goes on between two looks. */
  get now(): number {
    return this.#now + Math.floor((Date.now() - this.#read) / 1000);
  }

  get terms(): Terms {
    const { reported, state } = this;
    if (state === null)
      return {
        ...{ stake: BigInt(reported.stake), price: BigInt(reported.price) },
        outlierCost: BigInt(reported.outlier_cost),
        silenceCost: BigInt(reported.silence_cost),
        ...{ tasks: reported.tasks, options: reported.options, gold: reported.gold },
        isOrdinal: reported.kind === "ordinal",
        ...{ seats: reported.seats, committed: reported.committed, revealed: reported.revealed },
        commitDeadline: reported.commit_deadline,
        revealDeadline: reported.reveal_deadline,
        closeDeadline: reported.close_deadline,
      };
    const most = (state.stake * BigInt(state.slashMaxBps)) / BPS;
    return {
      ...state,
      outlierCost: most,
      silenceCost: most,
      closeDeadline: Math.max(state.revealDeadline, state.goldDeadline),
    };
  }

  get phase(): Phase | "expired" {
    const { state, reported } = this;
    if (state === null) return reported.phase as Phase;
    if (state.isClosed && state.roll.every((byte) => byte === 0)) return "expired";
    return phaseAt(state, this.now);
  }

  /** Where the site says otherwise than the chain, in words. */
  get differences(): string[] {
    const { reported, state } = this;
    if (state === null) return [];
    const { outlierCost, closeDeadline } = this.terms;
    const compared: [string, unknown, unknown][] = [
      ["the stake", reported.stake, String(state.stake)],
      ["the pay", reported.price, String(state.price)],
      ["what an outlier loses", reported.outlier_cost, String(outlierCost)],
      ["the number of tasks", reported.tasks, state.tasks],
      ["the number of options", reported.options, state.options],
      ["how answers are compared", reported.kind, state.isOrdinal ? "ordinal" : "nominal"],
      ["the number of gold tasks", reported.gold, state.gold],
      ["the number of seats", reported.seats, state.seats],
      ["when commitments end", reported.commit_deadline, state.commitDeadline],
      ["when reveals end", reported.reveal_deadline, state.revealDeadline],
      ["when the round is over", reported.close_deadline, closeDeadline],
    ];
    if (state.revealed === 0 && !state.isClosed)
      compared.push(["which tasks they are", reported.tasks_root, toHex(state.roll)]);
    const found = compared.filter(([, said, is]) => said !== is).map(([what]) => what);
    // The site may have looked a little earlier, never later.
    const isAhead = ORDER.indexOf(reported.phase) > ORDER.indexOf(this.phase);
    if (isAhead) found.push("the phase");
    if (this.seat !== null && reported.you?.seat?.is_revealed === true && !isLeaked(this.seat))
      found.push("whether your seat is revealed");
    return found;
  }

  get seatState(): SeatState {
    const { phase, seat, reported } = this;
    const you = reported.you;
    if (seat !== null) {
      if (isLeaked(seat)) return "leaked";
      if (phase === "commit") return "waiting";
      if (phase !== "reveal") return "missed";
      if (this.secrecy !== null) return "waiting";
      return you?.opening_kept === true ? "handed" : "ready";
    }
    if (you?.seat?.settled) return "settled";
    if (phase !== "commit") {
      if (you?.seat?.is_revealed === true) return "revealed";
      return "late";
    }
    const draft = this.draft;
    if (draft?.seated === true) return "undone";
    return draft?.signed !== undefined || you?.held ? "signed" : "none";
  }

  /** Whether answers may still be changed: nothing that was signed is on its way to the chain. */
  get isEditable(): boolean {
    const { seatState } = this;
    return seatState === "none" || (seatState === "signed" && !this.reported.you?.held);
  }

  /** What is shown to be admitted: where seats are drawn, the draw and the unit, 0x hex. */
  get evidence(): readonly string[] {
    return this.reported.you?.position?.evidence ?? [];
  }

  /** The draft of the answers; null without a wallet, and where there never was one. */
  get draft(): Draft | null {
    return this.#draft;
  }

  /** What is asked, in a few words, once the tasks are here. */
  get wording(): string | null {
    return this.#asked?.question.wording ?? null;
  }

  /** The names of the options, once the tasks are here. */
  get options(): readonly string[] | null {
    return this.#asked?.question.options ?? null;
  }

  /** What opens the seat. */
  get toOpen(): SeatToOpen | null {
    const { state, seat } = this;
    if (state === null || seat === null) return null;
    return { round: this.number, state, seat, reported: this.reported.you?.seat?.sealed ?? null };
  }

  /** Tasks and question, verified; the draft is that of these tasks. Throws ProtocolError. */
  async asked(): Promise<{ manifest: Manifest; question: Question }> {
    if (this.#asked !== null) return this.#asked;
    const { state, reported } = this;
    const isFresh = state !== null && state.revealed === 0;
    const root = isFresh ? toHex(state.roll) : reported.tasks_root;
    const { tasks, options, isOrdinal } = this.terms;
    const bytes = await api.content(`/tasks/${root.slice(2)}.json`, LARGEST_MANIFEST);
    const manifest = readManifest(bytes);
    requireTasks(manifest, fromHex(root, 32), tasks, options);
    this.#asked = { manifest, question: questionOf(manifest, isOrdinal) };
    this.#draft ??= this.#newDraft(root);
    return this.#asked;
  }

  /** The draft as the browser has it, of the tasks that the site names if need be. */
  #newDraft(root: string): Draft | null {
    const labeler = this.#labeler;
    if (labeler === null) return null;
    const { tasks, options } = this.terms;
    return new Draft(labeler.place, this.number, root, tasks, options);
  }
}

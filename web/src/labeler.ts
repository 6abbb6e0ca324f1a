// What a labeler does with a wallet: sign and hand in a commitment, get answers back from the chain,
// reveal, be paid out. Nothing here shows anything.

import { handInCommitment, handInOpening, handInWithdrawal, type Handed } from "./api.ts";
import { isLeaked, type Chain, type ChainRound, type OwnCommitment } from "./chain.ts";
import { addressWord, callData, commitData, phaseAt, revealData } from "./contract.ts";
import {
  keepEpoch,
  keepFingerprint,
  knownEpoch,
  knownFingerprint,
  type Draft,
  type Place,
} from "./drafts.ts";
import {
  commitmentFile,
  commitmentTo,
  commitTypedData,
  epochNow,
  epochOf,
  fromHex,
  MAX_EPOCH,
  openingFile,
  pack,
  ProtocolError,
  seal,
  toHex,
  unseal,
  withdrawalFile,
  withdrawalTypedData,
  type Answer,
  type MasterKey,
  type Opening,
  type UnsignedCommitment,
} from "./protocol.ts";
import { exact } from "./units.ts";
import type { Wallet } from "./wallet.ts";

/** What cannot be done now; the message says why, and what to do. */
export class LabelingError extends Error {}

const WITHDRAWAL_SECONDS = 86_400; // that a signed withdrawal may be relayed
const FARTHEST = 256; // epochs that another device may be ahead
const APPROVE = "approve(address,uint256)";

/** Where an account has a seat, and what the chain and the server say it has committed to. */
export type SeatToOpen = {
  readonly round: number;
  readonly state: ChainRound;
  /** The commitment in storage, 0x hex. */
  readonly seat: string;
  /** Sealed answers that the server reports, 0x hex; they are checked against the seat. */
  readonly reported: string | null;
};

export class Labeler {
  readonly wallet: Wallet;
  readonly chain: Chain;
  readonly place: Place;
  readonly #deployedBlock: number;
  readonly #keys = new Map<number, MasterKey>();

  constructor(wallet: Wallet, chain: Chain, deployedBlock: number) {
    this.wallet = wallet;
    this.chain = chain;
    this.place = { deployed: chain.deployed, genesis: chain.genesis, account: wallet.address };
    this.#deployedBlock = deployedBlock;
  }

  get address(): string {
    return this.wallet.address;
  }

  /** All own commitments by the chain's word; none if the wallet's node does not tell events. */
  async commitments(): Promise<OwnCommitment[]> {
    try {
      return await this.chain.commitments(this.address, this.#deployedBlock);
    } catch {
      return [];
    }
  }

  /** The epoch in which the account is. */
  async epoch(): Promise<number> {
    const sealed = (await this.commitments()).map((each) => each.sealed);
    return epochNow(knownEpoch(this.place), sealed);
  }

  /** Move on to a new key, for all rounds to come: its epoch. Throws StorageError. */
  async moveOn(): Promise<number> {
    const next = (await this.epoch()) + 1;
    if (next > MAX_EPOCH) throw new LabelingError("There is no epoch after this one.");
    keepEpoch(this.place, next);
    return next;
  }

  // ------------------------------------------------------------------------------------ commit

  /**
   * A signed commitment to the answers of a draft, which keeps it; asks the wallet. `stake` is what
   * the labeler was shown. Throws LabelingError, WalletError, StorageError.
   */
  async sign(
    round: number,
    draft: Draft,
    stake: bigint,
    evidence: readonly string[],
  ): Promise<UnsignedCommitment> {
    const seat = await this.prepare(round, draft, stake);
    const signature = await this.wallet.sign(commitTypedData(this.chain.deployed, seat));
    const shown = evidence.map((word) => fromHex(word, 32));
    draft.keepSigned(commitmentFile(this.chain.deployed, seat, signature, shown));
    return seat;
  }

  /** What is to be signed or sent; the chain is asked once more whether the round still takes it. */
  async prepare(round: number, draft: Draft, stake: bigint): Promise<UnsignedCommitment> {
    const [state, now, account] = await Promise.all([
      this.chain.round(round),
      this.chain.now(),
      this.chain.account(this.address),
    ]);
    if (phaseAt(state, now) !== "commit")
      throw new LabelingError(
        "The commit phase is over: all seats are taken, or its time is up. Nothing was signed, and " +
          "nothing is lost but the work. Choose another round.",
      );
    if (state.stake !== stake)
      throw new LabelingError("The round asks for another stake by now: look at it again.");
    if (account.free < state.stake)
      throw new LabelingError("Your free balance is less than the stake: deposit first.");
    if (draft.open.length > 0)
      throw new LabelingError("Some tasks are open: answer or skip them first.");
    const { deployed } = this.chain;
    const key = await this.#key(await this.epoch());
    const sheet = pack(draft.answers, state.options);
    const salt = key.salt(round, sheet);
    const labeler = this.address;
    return {
      round,
      labeler,
      stake,
      commitment: commitmentTo(deployed, round, labeler, sheet, salt),
      sealed: seal(key, deployed, round, labeler, draft.answers, state.options),
    };
  }

  /** Hand in what was signed, once or again. */
  async handIn(draft: Draft): Promise<Handed> {
    if (draft.signed === undefined) throw new LabelingError("Nothing is signed yet.");
    return handInCommitment(draft.signed);
  }

  /** Commit with a transaction of the wallet. */
  async commitBySending(
    round: number,
    draft: Draft,
    stake: bigint,
    evidence: readonly string[],
  ): Promise<void> {
    const seat = await this.prepare(round, draft, stake);
    const shown = evidence.map((word) => fromHex(word, 32));
    const data = commitData(round, seat.commitment, stake, seat.sealed, shown);
    await this.#send(data);
    draft.noteSeated();
  }

  // ------------------------------------------------------------------------------------ reveal

  /** What was answered, by the chain's word; asks the wallet for the key. */
  async restored(open: SeatToOpen, draft: readonly Answer[] | null): Promise<Opening> {
    if (isLeaked(open.seat))
      throw new LabelingError(
        "Your answers were shown to the contract while others could still commit, so this seat " +
          "is slashed: there is nothing to reveal.",
      );
    const found = await this.#found(open, draft);
    if (found !== null) return found;
    throw new LabelingError(
      "These answers were not sealed by this wallet, and are not in this browser: open the page in " +
        "the browser that committed, or reveal with the program that did.",
    );
  }

  /** What opens a seat, if it may be shown now. Throws LabelingError otherwise. */
  async opening(open: SeatToOpen, draft: readonly Answer[] | null): Promise<Opening> {
    await this.requireReveal(open.round);
    return this.restored(open, draft);
  }

  /** Throws LabelingError unless the chain says that answers of a round may be shown. */
  async requireReveal(round: number): Promise<void> {
    const [state, now] = await Promise.all([this.chain.round(round), this.chain.now()]);
    const phase = phaseAt(state, now);
    const secrecy = await this.chain.secrecy(round, state, now);
    if (secrecy !== null) throw new LabelingError(`${secrecy} Nothing was shown to anybody.`);
    if (phase !== "reveal")
      throw new LabelingError("The reveal phase is over: nothing can be revealed any more.");
  }

  /** Hand an opening to the site, which reveals with it. */
  async handOver(opening: Opening): Promise<Handed> {
    await this.requireReveal(opening.round);
    return handInOpening(openingFile(this.chain.deployed, this.chain.genesis, opening));
  }

  /** Reveal with a transaction of the wallet. */
  async revealBySending(opening: Opening): Promise<void> {
    await this.requireReveal(opening.round);
    const { round, labeler, answers, options, salt } = opening;
    await this.#send(revealData(round, labeler, pack(answers, options), salt));
  }

  async #found(open: SeatToOpen, draft: readonly Answer[] | null): Promise<Opening | null> {
    const tried = new Set<string>();
    const attempt = async (sealed: Uint8Array): Promise<Opening | null> => {
      if (tried.has(toHex(sealed))) return null;
      tried.add(toHex(sealed));
      return this.#unsealed(open, sealed);
    };
    if (open.reported !== null) {
      const found = await attempt(fromHex(open.reported));
      if (found !== null) return found;
    }
    for (const each of await this.commitments())
      if (each.round === open.round && each.commitment === open.seat) {
        const found = await attempt(each.sealed);
        if (found !== null) return found;
      }
    if (draft === null) return null;
    const key = await this.#key(await this.epoch());
    const sheet = pack(draft, open.state.options);
    return this.#fitting(open, draft, key.salt(open.round, sheet));
  }

  async #unsealed(open: SeatToOpen, sealed: Uint8Array): Promise<Opening | null> {
    const epoch = epochOf(sealed);
    if (epoch === null) return null;
    // It may be what the server reports: nobody is asked to sign for an epoch that is far away.
    if (epoch > (await this.epoch()) + FARTHEST) return null;
    const key = await this.#key(epoch);
    const { options, tasks } = open.state;
    try {
      const { deployed } = this.chain;
      const { round } = open;
      const back = unseal(key, deployed, round, this.address, sealed, options, tasks);
      const sheet = pack(back.answers, options);
      const salt = back.salt.length > 0 ? back.salt : key.salt(round, sheet);
      const found = this.#fitting(open, back.answers, salt);
      if (found !== null && epoch > knownEpoch(this.place)) keepEpoch(this.place, epoch);
      return found;
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
  }

  #fitting(open: SeatToOpen, answers: readonly Answer[], salt: Uint8Array): Opening | null {
    const { options } = open.state;
    const sheet = pack(answers, options);
    const made = commitmentTo(this.chain.deployed, open.round, this.address, sheet, salt);
    if (toHex(made) !== open.seat) return null;
    return { round: open.round, labeler: this.address, options, answers, salt };
  }

  // ------------------------------------------------------------------------------------- money

  /** Pay in with the wallet's own transactions: for an ERC-20, first the allowance. */
  async deposit(amount: bigint): Promise<void> {
    const { chain } = this;
    if (!chain.inEther) await this.#allow(amount);
    const value = chain.inEther ? amount : 0n;
    await this.#send(callData("deposit(uint256)", amount), chain.deployed.address, value);
  }

  async #allow(amount: bigint): Promise<void> {
    const { chain, address } = this;
    const held = await chain.tokens(address);
    if (held < amount)
      throw new LabelingError(`Your wallet holds ${exact(held, chain.unit)}: that is not enough.`);
    const allowed = await chain.allowance(address);
    if (allowed >= amount) return;
    // Some tokens change an allowance only from or to zero.
    for (const each of allowed > 0n ? [0n, amount] : [amount])
      await this.#send(callData(APPROVE, addressWord(chain.deployed.address), each), chain.asset);
  }

  /** Pay out with the wallet's own transaction. */
  async withdraw(amount: bigint, receiver: string): Promise<void> {
    await this.#send(callData("withdraw(uint256,address)", amount, addressWord(receiver)));
  }

  /** Pay out by a signature that the site relays, for a fee out of the amount. */
  async withdrawSigned(amount: bigint, receiver: string, fee: bigint): Promise<void> {
    const { deployed } = this.chain;
    const [nonce, now] = await Promise.all([this.chain.nonce(this.address), this.chain.now()]);
    const deadline = now + WITHDRAWAL_SECONDS;
    const withdrawal = { owner: this.address, amount, receiver, fee, deadline, nonce };
    const signature = await this.wallet.sign(withdrawalTypedData(deployed, withdrawal));
    await handInWithdrawal(withdrawalFile(deployed, withdrawal, signature));
  }

  async #send(data: string, to = this.chain.deployed.address, value = 0n): Promise<void> {
    const hash = await this.wallet.send({ to, data, value });
    if ((await this.wallet.landed(hash)) === null)
      throw new LabelingError(
        "The transaction is in no block yet: it may still come to be. Look again in a few minutes.",
      );
  }

  // -------------------------------------------------------------------------------------- keys

  /** One signature unlocks an epoch; at first two, to see that the wallet signs the same. */
  async #key(epoch: number): Promise<MasterKey> {
    const made = this.#keys.get(epoch);
    if (made !== undefined) return made;
    const known = knownFingerprint(this.place, epoch);
    const print = known === null ? null : fromHex(known);
    const key = await this.wallet.masterKey(this.chain.deployed, epoch, print);
    keepFingerprint(this.place, epoch, toHex(key.fingerprint));
    this.#keys.set(epoch, key);
    return key;
  }
}

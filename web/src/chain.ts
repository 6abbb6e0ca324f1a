// What the chain says, asked through the labeler's own wallet: whatever could cost a stake is
// looked up here, whatever the server says.

import { builds } from "../../plumbline/chain/builds.json";
import {
  accountOf,
  addressWord,
  callData,
  COMMITTED,
  committedOf,
  phaseAt,
  roundOf,
  type ChainRound,
  type Phase,
} from "./contract.ts";
import { isLocal, type SiteAbout } from "./api.ts";
import { checksum, fromHex, keccak, toHex, toNumber, type Deployed } from "./protocol.ts";
import type { Unit } from "./units.ts";
import { ask, textIn, WalletError, type Provider } from "./wallet.ts";

/** What the chain does not say, or says otherwise than it must; the message is for people. */
export class ChainError extends Error {}

/** Blocks after which no reorganisation is expected; the library has the same. */
const CONFIRMATIONS = 5;
const ZERO = "0x" + "0".repeat(40);
const LEAKED = 1n;
const ETHER: Unit = { symbol: "ETH", decimals: 18 };
const WORD = /^[0-9a-z]{1,11}$/i; // tokens name themselves: else one could pass for something else

/** A commitment of the labeler, as the chain has logged it. */
export type OwnCommitment = { readonly round: number; commitment: string; sealed: Uint8Array };

/** A node, and the contract on it. */
export class Chain {
  readonly deployed: Deployed;
  readonly genesis: Uint8Array;
  readonly asset: string;
  /** What amounts are in, by the asset's own word. */
  readonly unit: Unit;
  readonly #provider: Provider;
  readonly #isLocal: boolean;

  private constructor(
    provider: Provider,
    deployed: Deployed,
    genesis: Uint8Array,
    asset: string,
    unit: Unit,
    isLocalChain: boolean,
  ) {
    this.#provider = provider;
    this.deployed = deployed;
    this.genesis = genesis;
    this.asset = asset;
    this.unit = unit;
    this.#isLocal = isLocalChain;
  }

  /**
   * The chain of a wallet that is on the site's chain number. Throws ChainError unless what is at
   * the site's address is a contract that this page knows, and WalletError.
   */
  static async open(provider: Provider, about: SiteAbout): Promise<Chain> {
    const contract = checksum(about.contract);
    await requireBuild(provider, contract, "LabelRounds");
    const judge = await viewed(provider, contract, callData("JUDGE()"));
    await requireBuild(provider, addressOf(judge), "Judge");
    const asset = addressOf(await viewed(provider, contract, callData("asset()")));
    const genesis = await genesisOf(provider);
    if (genesis !== null && genesis !== about.genesis.toLowerCase())
      throw new ChainError(
        "The wallet's node is on another chain than the site, though both have the same number: " +
          "choose the right network in the wallet, and connect again.",
      );
    const deployed = { chainId: about.chain_id, address: contract };
    const first = fromHex(genesis ?? about.genesis, 32);
    const unit = await unitOf(provider, asset);
    return new Chain(provider, deployed, first, asset, unit, isLocal(about));
  }

  get inEther(): boolean {
    return this.asset === ZERO;
  }

  /**
   * The time of the next block at the earliest, unix seconds. Throws ChainError if the wallet's node
   * is on another chain by now.
   */
  async now(): Promise<number> {
    const genesis = await genesisOf(this.#provider);
    if (genesis !== null && genesis !== toHex(this.genesis))
      throw new ChainError(
        "The wallet's node is on another chain than before, with the same number (a local chain was " +
          "started anew?): reload the page. What you did on the other one is kept for it.",
      );
    const latest = Number((await this.#block("latest")).timestamp);
    if (!this.#isLocal) return latest;
    // A local chain stands still between transactions.
    const pending = await this.#block("pending").catch(() => null);
    return Math.max(latest, Number(pending?.timestamp ?? 0));
  }

  /** A round. Throws ChainError if there is none. */
  async round(number: number, block = "latest"): Promise<ChainRound> {
    const found = roundOf(await this.#view(callData("round(uint256)", number), block));
    if (found === null)
      throw new ChainError(`There is no round ${number} on the chain: go back to the list.`);
    return found;
  }

  /** The commitment that a seat holds until it is revealed, 0x hex; null if it holds none. */
  async seat(number: number, labeler: string): Promise<string | null> {
    const data = callData("seat(uint256,address)", number, addressWord(labeler));
    const word = await this.#view(data);
    return toNumber(word) === 0n ? null : toHex(word);
  }

  /** Free and locked balance, wei. */
  async account(owner: string): Promise<{ free: bigint; locked: bigint }> {
    return accountOf(toNumber(await this.#view(callData("account(address)", addressWord(owner)))));
  }

  /** How many withdrawals of an owner were relayed. */
  async nonce(owner: string): Promise<number> {
    return Number(toNumber(await this.#view(callData("nonces(address)", addressWord(owner)))));
  }

  /** How much of the ERC-20 an account holds, smallest unit. */
  async tokens(owner: string): Promise<bigint> {
    const data = callData("balanceOf(address)", addressWord(owner));
    return toNumber(await viewed(this.#provider, this.asset, data));
  }

  /** How much of it the contract may take, smallest unit. */
  async allowance(owner: string): Promise<bigint> {
    const words = [addressWord(owner), addressWord(this.deployed.address)];
    const data = callData("allowance(address,address)", ...words);
    return toNumber(await viewed(this.#provider, this.asset, data));
  }

  /** Why answers must not be shown yet, as of now; null if they may be. */
  async secrecy(number: number, round: ChainRound, now: number): Promise<string | null> {
    if (phaseAt(round, now) === "commit")
      return "Others may still commit: whoever shows answers now gives them away.";
    if (now >= round.commitDeadline || this.#isLocal) return null;
    // All seats were taken early. Were they also some blocks ago, no reorganisation frees one.
    const head = Number(await ask(this.#provider, "eth_blockNumber"));
    const past = Math.max(0, head - CONFIRMATIONS);
    const before = await this.round(number, "0x" + past.toString(16)).catch(() => null);
    if (before !== null && before.committed >= before.seats) return null;
    return (
      "All seats are taken, but the last one so recently that a reorganisation of the chain " +
      `could free it: wait for up to ${CONFIRMATIONS} blocks more.`
    );
  }

  /** The commitments of a labeler from a block on, in the order of the chain. */
  async commitments(labeler: string, from: number): Promise<OwnCommitment[]> {
    const who = "0x" + labeler.slice(2).toLowerCase().padStart(64, "0");
    const asked = {
      address: this.deployed.address,
      fromBlock: "0x" + from.toString(16),
      toBlock: "latest",
      topics: [COMMITTED, null, who],
    };
    const logs = await ask(this.#provider, "eth_getLogs", [asked]);
    if (!Array.isArray(logs)) throw new ChainError("The wallet's node does not tell events.");
    return (logs as { topics: string[]; data: string }[]).map(({ topics, data }) => ({
      round: Number(BigInt(topics[1]!)),
      ...committedOf(data),
    }));
  }

  #view(data: string, block = "latest"): Promise<Uint8Array> {
    return viewed(this.#provider, this.deployed.address, data, block);
  }

  async #block(which: string): Promise<{ timestamp: string }> {
    const block = await ask(this.#provider, "eth_getBlockByNumber", [which, false]);
    if (typeof (block as { timestamp?: unknown } | null)?.timestamp !== "string")
      throw new ChainError("The wallet's node does not tell its latest block: try again.");
    return block as { timestamp: string };
  }
}

export const isLeaked = (seat: string): boolean => BigInt(seat) === LEAKED;

export type { ChainRound, Phase };

async function viewed(
  provider: Provider,
  to: string,
  data: string,
  block = "latest",
): Promise<Uint8Array> {
  return fromHex(String(await ask(provider, "eth_call", [{ to, data }, block])));
}

const addressOf = (word: Uint8Array): string => checksum(toHex(word.subarray(12, 32)));

/** As the library reads it: the standard leaves out name and decimals, and tokens may, too. */
async function unitOf(provider: Provider, asset: string): Promise<Unit> {
  if (asset === ZERO) return ETHER;
  const told = async (signature: string): Promise<Uint8Array> => {
    try {
      return await viewed(provider, asset, callData(signature));
    } catch (error) {
      if (error instanceof WalletError && error.fault === "reverted") return new Uint8Array();
      throw error;
    }
  };
  const [name, places] = await Promise.all([told("symbol()"), told("decimals()")]);
  const symbol = textIn(name) ?? "";
  const decimals = toNumber(places);
  return {
    symbol: WORD.test(symbol) ? symbol : "token",
    decimals: places.length === 32 && decimals < 256n ? Number(decimals) : 0,
  };
}

async function genesisOf(provider: Provider): Promise<string | null> {
  try {
    const block = await ask(provider, "eth_getBlockByNumber", ["0x0", false]);
    const hash = (block as { hash?: unknown } | null)?.hash;
    return typeof hash === "string" ? hash.toLowerCase() : null;
  } catch {
    return null; // nodes that keep no old blocks
  }
}

/** Immutable values stand behind the code, which is as long as we know. */
async function requireBuild(provider: Provider, address: string, name: string): Promise<void> {
  const code = fromHex(String(await ask(provider, "eth_getCode", [address, "latest"])));
  const isKnown = builds.some(
    ({ contract, size, code_hash }) =>
      contract === name &&
      code.length >= size &&
      toHex(keccak(code.subarray(0, size))) === "0x" + code_hash,
  );
  if (!isKnown)
    throw new ChainError(
      `What is at ${address} is not a contract that this page knows (${name}): the site is about ` +
        "another version, or not honest. Do not stake anything here.",
    );
}

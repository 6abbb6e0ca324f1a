// The wallet in the browser: found by EIP-6963, asked by EIP-1193.
//
// What a wallet answers is checked: its chain and account before each question, and whose signature
// it is after it. Everything that can go wrong is a WalletError, whose message is a sentence that
// says what to do.

import {
  answerKeyTypedData,
  checksum,
  compactSignature,
  digestOf,
  fromHex,
  MasterKey,
  ProtocolError,
  toHex,
  toNumber,
  toWord,
  type Deployed,
  type TypedData,
} from "./protocol.ts";

/** As EIP-1193 has it. */
export interface Provider {
  request(asked: { method: string; params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (...values: unknown[]) => void): unknown;
  removeListener?(event: string, listener: (...values: unknown[]) => void): unknown;
}

/** A wallet that announced itself; `icon` is a data: address of an image, or null. */
export type FoundWallet = {
  readonly id: string;
  readonly name: string;
  readonly icon: string | null;
  readonly provider: Provider;
};

export type WalletFault =
  | "declined" // by the person
  | "busy" // another question is open in the wallet
  | "locked" // or it shows this page no account
  | "account" // it is on another account by now
  | "chain" // it is on another chain, and stays there
  | "unsupported" // it does not know what it is asked
  | "fickle" // it signs the same message differently each time
  | "contract" // a contract account: it has no key to derive secrets from
  | "signature" // it signed something else, or with another key
  | "funds" // not enough for the fee
  | "reverted" // the transaction fails
  | "offline" // the wallet has lost its node, or answers nonsense
  | "failed"; // whatever else it says

/** What went wrong with the wallet, in a sentence that says what to do. */
export class WalletError extends Error {
  readonly fault: WalletFault;

  constructor(fault: WalletFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

// ----------------------------------------------------------------------------------------- finding

const LONGEST_NAME = 40;
const ICON = /^data:image\/(?:png|svg\+xml|webp|jpeg|gif)[;,]/;

/**
 * Tell which wallets there are, again whenever another announces itself; the result ends that.
 * One that only puts itself at `window.ethereum` is announced after `patience` ms without any other.
 */
export function watchWallets(
  onFound: (wallets: readonly FoundWallet[]) => void,
  page: Window = window,
  patience = 300,
): () => void {
  const found = new Map<string, FoundWallet>();
  const onAnnounced = (event: Event): void => {
    const wallet = announced((event as CustomEvent<unknown>).detail);
    if (wallet === null) return;
    found.set(wallet.id, wallet);
    onFound([...found.values()]);
  };
  page.addEventListener("eip6963:announceProvider", onAnnounced);
  page.dispatchEvent(new Event("eip6963:requestProvider"));
  const timer = setTimeout(() => {
    const provider = (page as { ethereum?: unknown }).ethereum;
    if (found.size === 0 && isProvider(provider))
      onFound([{ id: "window.ethereum", name: "Browser wallet", icon: null, provider }]);
  }, patience);
  return () => {
    clearTimeout(timer);
    page.removeEventListener("eip6963:announceProvider", onAnnounced);
  };
}

function announced(detail: unknown): FoundWallet | null {
  const { info, provider } = (detail ?? {}) as { info?: Record<string, unknown>; provider?: unknown };
  if (!info || typeof info.uuid !== "string" || !isProvider(provider)) return null;
  const name = typeof info.name === "string" && info.name !== "" ? info.name : "Unnamed wallet";
  const icon = typeof info.icon === "string" && ICON.test(info.icon) ? info.icon : null;
  return { id: info.uuid, name: [...name].slice(0, LONGEST_NAME).join(""), icon, provider };
}

const isProvider = (value: unknown): value is Provider =>
  typeof (value as Provider | null | undefined)?.request === "function";

// ------------------------------------------------------------------------------------------ asking

const ECRECOVER = "0x" + "1".padStart(40, "0");
const DELEGATED = /^0xef0100[0-9a-f]{40}$/i; // EIP-7702: still an account with a key
const CHANGES = ["accountsChanged", "chainChanged", "disconnect"];

/** An account of a wallet, on the chain of a deployment. */
export class Wallet {
  readonly address: string;
  readonly chainId: number;
  readonly provider: Provider;

  private constructor(provider: Provider, address: string, chainId: number) {
    this.provider = provider;
    this.address = address;
    this.chainId = chainId;
  }

  /** Ask a wallet for its account, and to be on our chain. Throws WalletError. */
  static async connect(provider: Provider, chainId: number): Promise<Wallet> {
    const address = firstOf(await ask(provider, "eth_requestAccounts"));
    if (address === null) throw locked();
    const wallet = new Wallet(provider, address, chainId);
    await wallet.requireChain();
    return wallet;
  }

  /** As `connect`, but without a question: null unless the wallet shows this page an account. */
  static async reconnect(provider: Provider, chainId: number): Promise<Wallet | null> {
    const address = firstOf(await ask(provider, "eth_accounts"));
    return address === null ? null : new Wallet(provider, address, chainId);
  }

  /** Tell whenever the wallet changes account or chain, or loses its node; the result ends that. */
  watch(onChange: () => void): () => void {
    for (const event of CHANGES) this.provider.on?.(event, onChange);
    return () => {
      for (const event of CHANGES) this.provider.removeListener?.(event, onChange);
    };
  }

  /** Throws WalletError unless the wallet is on our chain, which it is asked to switch to. */
  async requireChain(): Promise<void> {
    if ((await this.#chain()) === this.chainId) return;
    const params = [{ chainId: "0x" + this.chainId.toString(16) }];
    try {
      await this.provider.request({ method: "wallet_switchEthereumChain", params });
    } catch (error) {
      const fault = explained(error);
      if (fault.fault === "declined" || fault.fault === "busy") throw fault;
    }
    const now = await this.#chain();
    if (now !== this.chainId)
      throw new WalletError(
        "chain",
        `The wallet is on chain ${now}, and this market is on chain ${this.chainId}: ` +
          "add that chain to the wallet if need be, switch to it, and try again.",
      );
  }

  /** Throws WalletError unless the wallet still is on our chain, with the account as before. */
  async requireReady(): Promise<void> {
    await this.requireChain();
    const address = firstOf(await ask(this.provider, "eth_accounts"));
    if (address === null) throw locked();
    if (address !== this.address)
      throw new WalletError(
        "account",
        `The wallet has changed to ${address}, and this is the work of ${this.address}: ` +
          "change back in the wallet, or connect again to go on with the other account.",
      );
  }

  /** The signature of our account under a message, 64 bytes (EIP-2098). Throws WalletError. */
  async sign(data: TypedData): Promise<Uint8Array> {
    await this.requireReady();
    const params = [this.address, JSON.stringify(data)];
    const answer = await ask(this.provider, "eth_signTypedData_v4", params);
    let signature: Uint8Array;
    try {
      signature = compactSignature(fromHex(String(answer)));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw await this.#otherThanOurs();
    }
    if ((await this.#signerOf(digestOf(data), signature)) !== this.address)
      throw await this.#otherThanOurs();
    return signature;
  }

  /**
   * The key of our secrets of an epoch. The first time, when no fingerprint of it is known, the
   * wallet is asked twice: one that signs differently each time would lose all answers.
   * Throws WalletError.
   */
  async masterKey(
    deployed: Deployed,
    epoch: number,
    known: Uint8Array | null,
  ): Promise<MasterKey> {
    const key = await this.masterKeyOnce(deployed, epoch);
    const again = known ?? (await this.masterKeyOnce(deployed, epoch)).fingerprint;
    if (toHex(again) !== toHex(key.fingerprint))
      throw new WalletError(
        "fickle",
        "This wallet signs the same message differently each time, so answers could never be " +
          "opened again: nothing was sent. Use another wallet, or the command line, which keeps " +
          "a key on disk instead.",
      );
    return key;
  }

  /** The same from one signature: for answers that it either opens or does not. */
  async masterKeyOnce(deployed: Deployed, epoch: number): Promise<MasterKey> {
    const data = answerKeyTypedData(deployed, this.address, epoch);
    return MasterKey.fromSignature(deployed, this.address, epoch, await this.sign(data));
  }

  /** Send a transaction: its hash. What would fail is said before the wallet asks. */
  async send(call: { to: string; data: string; value?: bigint }): Promise<string> {
    await this.requireReady();
    const value = "0x" + (call.value ?? 0n).toString(16);
    const transaction = { from: this.address, to: call.to, data: call.data, value };
    await ask(this.provider, "eth_estimateGas", [transaction]);
    const hash = await ask(this.provider, "eth_sendTransaction", [transaction]);
    if (typeof hash === "string" && /^0x[0-9a-fA-F]{64}$/.test(hash)) return hash;
    throw new WalletError(
      "offline",
      "The wallet does not say which transaction it sent: look there for the outcome, then " +
        "reload the page.",
    );
  }

  /**
   * The number of the block that a transaction is in; null if it is in none after `patience` ms,
   * as when it was replaced in the wallet: look at the chain for what it was to do.
   * Throws WalletError if it failed there.
   */
  async landed(hash: string, patience = 120_000, pause = 1_000): Promise<number | null> {
    const end = Date.now() + patience;
    for (;;) {
      const receipt = (await ask(this.provider, "eth_getTransactionReceipt", [hash])) as {
        status?: unknown;
        blockNumber?: unknown;
      } | null;
      if (receipt !== null && typeof receipt.blockNumber === "string") {
        if (receipt.status !== "0x1")
          throw new WalletError(
            "reverted",
            "The transaction failed on the chain, and only its fee was spent: reload the page to " +
              "see how things stand.",
          );
        return Number(receipt.blockNumber);
      }
      if (Date.now() >= end) return null;
      await new Promise((done) => setTimeout(done, pause));
    }
  }

  async #chain(): Promise<number> {
    return Number(await ask(this.provider, "eth_chainId"));
  }

  /** Whose signature it is, by the chain's own `ecrecover`; null if nobody's. */
  async #signerOf(digest: Uint8Array, compact: Uint8Array): Promise<string | null> {
    const vs = toNumber(compact.subarray(32));
    const v = toWord(27n + (vs >> 255n));
    const s = toWord(vs & ((1n << 255n) - 1n));
    const data = [digest, v, compact.subarray(0, 32), s].map((word) => toHex(word).slice(2));
    const call = { to: ECRECOVER, data: "0x" + data.join("") };
    const answer = String(await ask(this.provider, "eth_call", [call, "latest"]));
    return /^0x0{24}[0-9a-fA-F]{40}$/.test(answer) ? checksum("0x" + answer.slice(26)) : null;
  }

  async #otherThanOurs(): Promise<WalletError> {
    const code = String(await ask(this.provider, "eth_getCode", [this.address, "latest"]));
    if (code !== "0x" && !DELEGATED.test(code))
      return new WalletError(
        "contract",
        "This account is a contract, which has no key of its own: connect an account with a key, " +
          "or take part from the command line with --wallet.",
      );
    return new WalletError(
      "signature",
      "The wallet did not sign what it was asked to, or not with this account: nothing was sent. " +
        "Connect again, or use another wallet.",
    );
  }
}

/** Ask a provider; what it throws becomes a WalletError. */
export async function ask(provider: Provider, method: string, params?: unknown): Promise<unknown> {
  try {
    return await provider.request(params === undefined ? { method } : { method, params });
  } catch (error) {
    throw explained(error);
  }
}

function firstOf(accounts: unknown): string | null {
  if (!Array.isArray(accounts)) throw nonsense();
  const first: unknown = accounts[0];
  if (first === undefined) return null;
  if (typeof first !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(first)) throw nonsense();
  return checksum(first.toLowerCase());
}

const locked = (): WalletError =>
  new WalletError("locked", "The wallet shows no account: unlock it, and connect again.");

const nonsense = (): WalletError =>
  new WalletError("offline", "The wallet answers nonsense: restart it, or use another.");

// Codes of EIP-1193, EIP-3326 and EIP-1474; a provider may wrap those of another.
const FAULTS = new Map<unknown, [WalletFault, string]>([
  [4001, ["declined", "You declined in the wallet: nothing was sent, and nothing is lost."]],
  [4100, ["locked", "The wallet does not let this page in: unlock it, and connect again."]],
  [4200, ["unsupported", "This wallet cannot do what is needed here: use another."]],
  [-32601, ["unsupported", "This wallet cannot do what is needed here: use another."]],
  [4900, ["offline", "The wallet has lost its connection: try again once it is back."]],
  [4901, ["offline", "The wallet has no connection to this chain: try again once it is back."]],
  [-32002, ["busy", "The wallet already asks something: open it, answer there, and try again."]],
]);
const DECLINED = /\b(?:user|request)\b.*\b(?:reject|denied|declin|cancel)/i;
const POOR = /insufficient funds|gas required exceeds allowance/i;
const REVERTED = /\brevert/i;
const LONGEST_WORDS = 160;

/** What a provider threw, as a WalletError. */
export function explained(error: unknown): WalletError {
  if (error instanceof WalletError) return error;
  const parts = partsOf(error);
  for (const { code } of parts) {
    const fault = FAULTS.get(code);
    if (fault !== undefined) return new WalletError(...fault);
  }
  const words = parts.map(({ message }) => message).filter((text) => typeof text === "string");
  const all = words.join(" ");
  if (DECLINED.test(all)) return new WalletError(...FAULTS.get(4001)!);
  if (POOR.test(all))
    return new WalletError("funds", "The account has too little for the fee: add some, or less.");
  const reason = parts.map(({ data }) => revertReason(data)).find((found) => found !== null);
  if (reason !== undefined || REVERTED.test(all))
    return new WalletError(
      "reverted",
      `The contract would refuse this${reason === undefined ? "" : ` (${reason})`}: nothing was ` +
        "sent. Reload the page to see how things stand.",
    );
  const said = [...(words[0] ?? String(error))].slice(0, LONGEST_WORDS).join("");
  return new WalletError("failed", `The wallet says: ${said}. Nothing was sent: try again.`);
}

type ErrorPart = { code?: unknown; message?: unknown; data?: unknown };

/** An error, and those that it wraps. */
function partsOf(error: unknown): ErrorPart[] {
  const parts: ErrorPart[] = [];
  let part: unknown = error;
  while (typeof part === "object" && part !== null && parts.length < 5) {
    parts.push(part);
    const { data, cause, originalError } = part as Record<string, unknown>;
    part = originalError ?? (typeof data === "object" ? data : null) ?? cause;
  }
  return parts;
}

const ERROR = "0x08c379a0"; // Error(string)

/** The reason that a contract reverted with; null if the data has none. */
export function revertReason(data: unknown): string | null {
  if (typeof data !== "string" || !data.startsWith(ERROR)) return null;
  try {
    return textIn(fromHex("0x" + data.slice(ERROR.length)));
  } catch {
    return null;
  }
}

/** The one text that is encoded in an answer (ABI); null if it is empty, or none. */
export function textIn(words: Uint8Array): string | null {
  const size = Number(toNumber(words.subarray(32, 64)));
  if (size === 0 || words.length < 64 + size) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(words.subarray(64, 64 + size));
  } catch {
    return null;
  }
}

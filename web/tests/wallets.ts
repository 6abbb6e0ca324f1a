// Wallets that behave, and wallets that do not, for `tests/unit/test_web_wallet.py`: each scenario
// gives back what came of it.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { burner, type Shelf } from "../src/burner.ts";
import * as protocol from "../src/protocol.ts";
import { explained, Wallet, WalletError, watchWallets, type Provider } from "../src/wallet.ts";

const { fromHex, toHex } = protocol;
const CHAIN = 31337;
const DEPLOYED = { chainId: CHAIN, address: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };
const KEY = toHex(new Uint8Array(32).fill(0x11));
const OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const KEY_DATA = protocol.answerKeyTypedData(DEPLOYED, OTHER, 0);

type Answers = Record<string, (params: any) => unknown>;

/** A wallet with the key of `KEY`, but for what `changes` says of its methods. */
class Fake implements Provider {
  readonly asked: string[] = [];
  readonly listeners = new Map<string, Set<(...values: unknown[]) => void>>();
  readonly #answers: Answers;
  readonly #honest = burner(async (method, params) => this.#node(method, params), shelf(KEY));

  constructor(changes: Answers = {}) {
    this.#answers = changes;
  }

  async request({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    this.asked.push(method);
    const changed = this.#answers[method];
    if (changed !== undefined) return changed(params);
    return this.#honest.request({ method, params });
  }

  on(event: string, listener: (...values: unknown[]) => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  removeListener(event: string, listener: (...values: unknown[]) => void): void {
    this.listeners.get(event)?.delete(listener);
  }

  #node(method: string, params: any): unknown {
    if (method === "eth_chainId") return "0x" + CHAIN.toString(16);
    if (method === "eth_getCode") return "0x";
    if (method === "eth_call") return ecrecover(fromHex(params[0].data));
    throw Object.assign(new Error(`no ${method}`), { code: -32601 });
  }
}

/** As the chain's own. */
function ecrecover(data: Uint8Array): string {
  const signature = Uint8Array.of(data[63]! - 27, ...data.subarray(64, 128));
  try {
    const point = secp256k1.recoverPublicKey(signature, data.subarray(0, 32), { prehash: false });
    const whole = secp256k1.Point.fromBytes(point).toBytes(false).subarray(1);
    return toHex(protocol.toWord(protocol.toNumber(protocol.keccak(whole).subarray(12))));
  } catch {
    return "0x";
  }
}

function shelf(key: string | null): Shelf & { kept: string | null } {
  return {
    kept: key,
    getItem() {
      return this.kept;
    },
    setItem(_, value) {
      this.kept = value;
    },
  };
}

const fails = (code: unknown, message = "no", more: object = {}) => {
  return () => {
    throw Object.assign(new Error(message), { code, ...more });
  };
};

/** What is thrown, or `fine`. */
async function outcome(done: Promise<unknown>): Promise<object | string> {
  try {
    await done;
    return "fine";
  } catch (error) {
    if (!(error instanceof WalletError)) throw error;
    return { fault: error.fault, message: error.message };
  }
}

const connected = (fake: Fake): Promise<Wallet> => Wallet.connect(fake, CHAIN);

async function signing(changes: Answers): Promise<object | string> {
  const wallet = await connected(new Fake(changes));
  return outcome(wallet.sign(KEY_DATA));
}

/** A signature that is valid and another each time. */
function fickle([, text]: [string, string]): string {
  const digest = protocol.digestOf(JSON.parse(text) as protocol.TypedData);
  const settings = { prehash: false, format: "recovered", extraEntropy: true } as const;
  const made = secp256k1.sign(digest, fromHex(KEY), settings);
  return toHex(Uint8Array.of(...made.subarray(1), 27 + made[0]!));
}

function withOtherKey([, text]: [string, string]): Promise<unknown> {
  const other = burner(async () => null, shelf(toHex(new Uint8Array(32).fill(0x22))));
  return other.request({ method: "eth_accounts" }).then((accounts) =>
    other.request({
      method: "eth_signTypedData_v4",
      params: [(accounts as string[])[0], text],
    }),
  );
}

function ofAnotherMessage([account]: [string, string]): Promise<unknown> {
  const text = JSON.stringify(protocol.answerKeyTypedData(DEPLOYED, OTHER, 1));
  const honest = burner(async () => null, shelf(KEY));
  return honest.request({ method: "eth_signTypedData_v4", params: [account, text] });
}

/** An error with a reason, as nodes wrap it. */
function reverted(reason: string): object {
  const text = new TextEncoder().encode(reason);
  const words = [protocol.toWord(32), protocol.toWord(text.length), text, new Uint8Array(20)];
  const data = "0x08c379a0" + words.map((word) => toHex(word).slice(2)).join("");
  return { data: { code: 3, message: "execution reverted", data } };
}

function switching(result: () => unknown, after: number): Answers {
  let chain = 1;
  return {
    eth_chainId: () => "0x" + chain.toString(16),
    wallet_switchEthereumChain: () => {
      chain = after;
      return result();
    },
  };
}

function announce(page: EventTarget, info: object, provider: unknown): void {
  page.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: { info, provider } }));
}

const CALL = { to: DEPLOYED.address, data: "0x" };
const HASH = "0x" + "ab".repeat(32);

export const SCENARIOS: Record<string, () => Promise<unknown>> = {
  connects: async () => (await connected(new Fake())).address,
  shows_no_account: () => outcome(connected(new Fake({ eth_requestAccounts: () => [] }))),
  answers_nonsense: () => outcome(connected(new Fake({ eth_requestAccounts: () => "0x" }))),
  declines_to_connect: () => outcome(connected(new Fake({ eth_requestAccounts: fails(4001) }))),
  asks_already: () => outcome(connected(new Fake({ eth_requestAccounts: fails(-32002) }))),
  switches_the_chain: () => outcome(connected(new Fake(switching(() => null, CHAIN)))),
  stays_on_another_chain: () => outcome(connected(new Fake(switching(fails(4902), 1)))),
  cannot_switch: () => outcome(connected(new Fake(switching(fails(-32601), 1)))),
  declines_to_switch: () => outcome(connected(new Fake(switching(fails(4001), 1)))),

  reconnects_without_a_question: async () => {
    const fakes = [new Fake(), new Fake({ eth_accounts: () => [] })];
    const found = [];
    for (const fake of fakes) found.push((await Wallet.reconnect(fake, CHAIN))?.address ?? null);
    return [found, fakes.map((fake) => fake.asked)];
  },

  signs: async () => {
    const fake = new Fake();
    const wallet = await connected(fake);
    const data = protocol.answerKeyTypedData(DEPLOYED, wallet.address, 3);
    return toHex(await wallet.sign(data));
  },
  declines_to_sign: () => signing({ eth_signTypedData_v4: fails(4001) }),
  declines_in_a_wrapper: () =>
    signing({
      eth_signTypedData_v4: fails(-32603, "Internal error", {
        data: { originalError: { code: 4001, message: "no" } },
      }),
    }),
  declines_in_words: () =>
    signing({ eth_signTypedData_v4: fails(-32000, "User denied message signature") }),
  is_locked_meanwhile: () => signing({ eth_accounts: () => [] }),
  is_on_another_account: () => signing({ eth_accounts: () => [OTHER] }),
  cannot_sign_typed_data: () => signing({ eth_signTypedData_v4: fails(4200) }),
  signs_with_another_key: () => signing({ eth_signTypedData_v4: withOtherKey }),
  signs_another_message: () => signing({ eth_signTypedData_v4: ofAnotherMessage }),
  signs_nothing: () => signing({ eth_signTypedData_v4: () => null }),
  is_a_contract: () =>
    signing({
      eth_signTypedData_v4: () => "0x" + "ab".repeat(130),
      eth_getCode: () => "0x6001",
    }),
  is_a_delegated_account: () =>
    signing({
      eth_signTypedData_v4: withOtherKey,
      eth_getCode: () => "0xef0100" + "ab".repeat(20),
    }),
  says_something_else: () => signing({ eth_signTypedData_v4: fails(-1, "x".repeat(500)) }),

  makes_the_same_key: async () => {
    const fake = new Fake();
    const wallet = await connected(fake);
    const signatures = () => fake.asked.filter((each) => each === "eth_signTypedData_v4").length;
    const first = await wallet.masterKey(DEPLOYED, 0, null);
    const asked = [signatures()];
    const second = await wallet.masterKey(DEPLOYED, 0, first.fingerprint);
    asked.push(signatures());
    const third = await wallet.masterKeyOnce(DEPLOYED, 1);
    asked.push(signatures());
    const prints = [first, second, third].map((key) => toHex(key.fingerprint));
    return { asked, prints, epochs: [first.epoch, third.epoch], json: JSON.stringify(first) };
  },
  signs_differently_each_time: async () => {
    const wallet = await connected(new Fake({ eth_signTypedData_v4: fickle }));
    return outcome(wallet.masterKey(DEPLOYED, 0, null));
  },
  signs_differently_later: async () => {
    const known = await (await connected(new Fake())).masterKey(DEPLOYED, 0, null);
    const wallet = await connected(new Fake({ eth_signTypedData_v4: fickle }));
    return outcome(wallet.masterKey(DEPLOYED, 0, known.fingerprint));
  },

  sends: async () => {
    const sent: unknown[] = [];
    const fake = new Fake({
      eth_estimateGas: () => "0x5208",
      eth_sendTransaction: ([transaction]) => {
        sent.push(transaction);
        return HASH;
      },
    });
    return [await (await connected(fake)).send({ ...CALL, value: 10n ** 18n }), sent];
  },
  would_fail: async () => {
    const fake = new Fake({
      eth_estimateGas: fails(-32603, "Internal JSON-RPC error.", reverted("commit: round is full")),
      eth_sendTransaction: () => HASH,
    });
    const heard = await outcome((await connected(fake)).send(CALL));
    return [heard, fake.asked.includes("eth_sendTransaction")];
  },
  is_poor: async () => {
    const poor = fails(-32000, "insufficient funds for gas * price + value");
    return outcome((await connected(new Fake({ eth_estimateGas: poor }))).send(CALL));
  },
  sends_nonsense: async () => {
    const changes = { eth_estimateGas: () => "0x1", eth_sendTransaction: () => "ok" };
    return outcome((await connected(new Fake(changes))).send(CALL));
  },
  lands: async () => {
    const receipts = [null, { blockNumber: null }, { blockNumber: "0x10", status: "0x1" }];
    const fake = new Fake({ eth_getTransactionReceipt: () => receipts.shift() });
    return (await connected(fake)).landed(HASH, 1_000, 0);
  },
  lands_and_fails: async () => {
    const receipt = { blockNumber: "0x10", status: "0x0" };
    const fake = new Fake({ eth_getTransactionReceipt: () => receipt });
    return outcome((await connected(fake)).landed(HASH, 1_000, 0));
  },
  never_lands: async () => {
    const fake = new Fake({ eth_getTransactionReceipt: () => null });
    return (await connected(fake)).landed(HASH, 0, 0);
  },

  tells_of_changes: async () => {
    const fake = new Fake();
    const wallet = await connected(fake);
    let changes = 0;
    const end = wallet.watch(() => changes++);
    const tell = () => [...fake.listeners.values()].forEach((all) => all.forEach((each) => each()));
    tell();
    end();
    tell();
    return changes;
  },

  announces_itself: async () => {
    const page = new EventTarget();
    const heard: unknown[] = [];
    const end = watchWallets((found) => heard.push(found), page as Window, 5);
    const icon = "data:image/png;base64,AAAA";
    announce(page, { uuid: "1", name: "One", icon }, new Fake());
    announce(page, { uuid: "2", name: "\u{1f600}".repeat(90), icon: "javascript:1" }, new Fake());
    announce(page, { uuid: "3", name: "no provider", icon }, {});
    announce(page, { name: "no id", icon }, new Fake());
    announce(page, { uuid: "1", name: "One again", icon: "https://a.example/i.png" }, new Fake());
    page.dispatchEvent(new Event("eip6963:announceProvider"));
    end();
    announce(page, { uuid: "4", name: "too late", icon }, new Fake());
    const last = heard.at(-1) as { id: string; name: string; icon: string | null }[];
    return [heard.length, last.map(({ id, name, icon }) => [id, [...name].length, icon])];
  },
  is_only_injected: async () => {
    const page = Object.assign(new EventTarget(), { ethereum: new Fake() });
    const found = await new Promise<readonly { id: string }[]>((done) => {
      watchWallets(done, page as unknown as Window, 5);
    });
    return found.map(({ id }) => id);
  },

  keeps_the_key_of_the_tab: async () => {
    const tab = shelf(null);
    const address = async () => (await connected(withNode(burner(forward, tab)))).address;
    const first = await address();
    const again = await address();
    tab.kept = "0x" + "00".repeat(32);
    return [first === again, (await address()) !== first, tab.kept !== "0x" + "00".repeat(32)];
  },
  burns_nothing: async () => {
    const wallet = await connected(new Fake());
    return outcome(wallet.provider.request({ method: "eth_sendTransaction" }).catch((error) => {
      throw explained(error);
    }));
  },
};

const forward = async (method: string): Promise<unknown> =>
  method === "eth_chainId" ? "0x" + CHAIN.toString(16) : null;

const withNode = (provider: Provider): Fake =>
  new Fake({ eth_requestAccounts: () => provider.request({ method: "eth_accounts" }) });

/** What came of each, as JSON. */
export async function run(): Promise<string> {
  const results: Record<string, unknown> = {};
  for (const [name, scenario] of Object.entries(SCENARIOS)) results[name] = await scenario();
  return JSON.stringify(results);
}

// A throw-away key for local chains, kept in this tab alone: a provider like that of a wallet.
//
// It signs at once and asks nobody. It has no ether and sends nothing: others relay what it signs.
// This is a file of its own because of the curve, which nobody else needs.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { checksum, digestOf, fromHex, keccak, toHex, type TypedData } from "./protocol.ts";
import type { Provider } from "./wallet.ts";

const SLOT = "plumbline burner key";

/** The part of `Storage` that is used. */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

/** Asks a node: a method and its parameters. */
export type Forward = (method: string, params: unknown) => Promise<unknown>;

/** The throw-away wallet of this tab; what is read of the chain is asked by `forward`. */
export function burner(forward: Forward, shelf: Shelf = sessionStorage): Provider {
  const key = keptKey(shelf);
  const address = addressOf(key);
  return {
    async request({ method, params }) {
      if (method === "eth_requestAccounts" || method === "eth_accounts") return [address];
      if (method === "eth_signTypedData_v4") return signed(params, key, address);
      if (method.startsWith("wallet_") || method === "eth_sendTransaction")
        throw Object.assign(new Error(`a throw-away key cannot ${method}`), { code: 4200 });
      return forward(method, params ?? []);
    },
  };
}

/** The key of this tab, a new one if there is none, or none that can be read. */
function keptKey(shelf: Shelf): Uint8Array {
  const kept = shelf.getItem(SLOT);
  if (kept !== null && /^0x[0-9a-f]{64}$/.test(kept)) {
    const key = fromHex(kept);
    if (secp256k1.utils.isValidSecretKey(key)) return key;
  }
  const key = secp256k1.utils.randomSecretKey();
  shelf.setItem(SLOT, toHex(key));
  return key;
}

function addressOf(key: Uint8Array): string {
  const point = secp256k1.getPublicKey(key, false).subarray(1);
  return checksum(toHex(keccak(point).subarray(12)));
}

/** As wallets sign (RFC 6979, low s): 65 bytes in hex, r, s, v. */
function signed(params: unknown, key: Uint8Array, address: string): string {
  const [account, text] = params as [string, string];
  if (account.toLowerCase() !== address.toLowerCase())
    throw Object.assign(new Error(`there is no key of ${account} here`), { code: 4100 });
  const digest = digestOf(JSON.parse(text) as TypedData);
  const recovered = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
  return toHex(concatBytes(recovered.subarray(1), Uint8Array.of(27 + recovered[0]!)));
}

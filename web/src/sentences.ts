// What went wrong, in words for people.

import { explained, WalletError } from "./wallet.ts";

/** Whatever was thrown, in words for people. */
export function sentenceOf(error: unknown): string {
  if (error instanceof WalletError) return error.message;
  if (error instanceof Error && error.constructor !== Error && error.constructor !== TypeError) {
    const { message } = error;
    const begun = message.charAt(0).toUpperCase() + message.slice(1);
    return /[.!?]$/.test(begun) ? begun : begun + ".";
  }
  return explained(error).message;
}

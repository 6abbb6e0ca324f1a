// What went wrong, in words for people.

import { explained, WalletError } from "./wallet.ts";

/** Whatever was thrown, in words for people. */
export function sentenceOf(error: unknown): string {
  if (error instanceof WalletError) return error.message;
  if (error instanceof Error && error.constructor !== Error && error.constructor !== TypeError) {
    return sentence(error.message);
  }
  return explained(error).message;
}

/** Words as a sentence of their own. */
export function sentence(words: string): string {
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(begun) ? begun : begun + ".";
}

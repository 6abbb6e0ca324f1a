// Calls, answers and events of the contract through the page's code, for
// `tests/unit/test_web_contract.py`.

import * as contract from "../src/contract.ts";
import { fromHex, toHex, toNumber } from "../src/protocol.ts";

type Given = {
  calls: { round: number; who: string; words: string[]; amount: string; sealed: string; sheet: string[] }[];
  rounds: { answer: string; times: number[] }[];
  accounts: string[];
  committed: string[];
};

/** JSON has neither big numbers nor bytes. */
const plain = (_: string, value: unknown): unknown => {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? toHex(value) : value;
};

export function run(text: string): string {
  const given = JSON.parse(text) as Given;
  const made = {
    calls: given.calls.map(({ round, who, words, amount, sealed, sheet }) => ({
      round_count: contract.callData("round_count()"),
      seat: contract.callData("seat(uint256,address)", round, contract.addressWord(who)),
      commit: contract.commitData(
        round,
        fromHex(words[0]!),
        BigInt(amount),
        fromHex(sealed),
        words.slice(1).map((word) => fromHex(word)),
      ),
      reveal: contract.revealData(round, who, sheet.map(BigInt), fromHex(words[0]!)),
    })),
    rounds: given.rounds.map(({ answer, times }) => {
      const round = contract.roundOf(fromHex(answer));
      return { round, phases: round && times.map((now) => contract.phaseAt(round, now)) };
    }),
    accounts: given.accounts.map((answer) => contract.accountOf(toNumber(fromHex(answer)))),
    committed: given.committed.map(contract.committedOf),
    topic: contract.COMMITTED,
  };
  return JSON.stringify(made, plain);
}

// Calls and answers of the contract through the page's code, for `tests/unit/test_web_contract.py`.

import * as contract from "../src/contract.ts";
import { fromHex, ProtocolError, toHex } from "../src/protocol.ts";

type Given = {
  calls: { round: number; who: string; words: string[]; amount: string; sealed: string; sheet: string[] }[];
  rounds: { answer: string; times: number[] }[];
  accounts: string[];
  seats: string[];
  broken: string[];
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
      round_count: contract.CALLS.roundCount(),
      round: contract.CALLS.round(round),
      seat: contract.CALLS.seat(round, who),
      account: contract.CALLS.account(who),
      nonces: contract.CALLS.nonce(who),
      JUDGE: contract.CALLS.judge(),
      asset: contract.CALLS.asset(),
      deposit: contract.CALLS.deposit(BigInt(amount)),
      withdraw: contract.CALLS.withdraw(BigInt(amount), who),
      commit: contract.CALLS.commit(
        round,
        fromHex(words[0]!),
        BigInt(amount),
        fromHex(sealed),
        words.slice(1).map((word) => fromHex(word)),
      ),
      reveal: contract.CALLS.reveal(round, who, sheet.map(BigInt), fromHex(words[0]!)),
    })),
    rounds: given.rounds.map(({ answer, times }) => {
      const round = contract.readRound(answer);
      return { round, phases: round && times.map((now) => contract.phaseAt(round, now)) };
    }),
    accounts: given.accounts.map(contract.readAccount),
    seats: given.seats.map(contract.readSeat),
    broken: given.broken.map((answer) => {
      try {
        return contract.readAccount(answer);
      } catch (error) {
        if (error instanceof ProtocolError) return error.message;
        throw error;
      }
    }),
    one: [
      contract.readNumber("0x" + "0".repeat(62) + "ff"),
      contract.readAddress("0x" + "0".repeat(24) + "5fbdb2315678afecb367f032d93f642f64180aa3"),
    ],
  };
  return JSON.stringify(made, plain);
}

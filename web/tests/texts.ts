// What the page shows and asks, for the library to compare with its own.

import { commitData, phaseAt, revealData, roundOf } from "../src/contract.ts";
import { harmless } from "../src/harmless.ts";
import { parseJson } from "../src/json.ts";
import { typeOf } from "../src/media.ts";
import { fromHex } from "../src/protocol.ts";
import { fieldsOf, keysOf } from "../src/question.ts";
import { exact, parseAmount, short } from "../src/units.ts";

type Given = {
  texts: string[];
  options: string[][];
  tasks: string[];
  contents: string[];
  rounds: [data: string, now: number][];
  commit: [number, string, string, string, string[]];
  reveal: [number, string, string[], string];
  amounts: string[];
};

const ETHER = { symbol: "ETH", decimals: 18 };

export function run(text: string): string {
  const given = JSON.parse(text) as Given;
  const [round, commitment, stake, sealed, evidence] = given.commit;
  const [number, labeler, sheet, salt] = given.reveal;
  const plain = (_: string, value: unknown): unknown =>
    typeof value === "bigint" || value instanceof Uint8Array ? String(value) : value;
  const told = {
    texts: given.texts.map((each) => harmless(each, "\n")),
    keys: given.options.map(keysOf),
    fields: given.tasks.map((each) => {
      const { before, pair, after } = fieldsOf(parseJson(each), new Set());
      return [before, pair ?? [], after].map((fields) => fields.map(({ name }) => name));
    }),
    types: given.contents.map((each) => typeOf(fromHex(each))),
    rounds: given.rounds.map(([data, now]) => {
      const found = roundOf(fromHex(data))!;
      return { ...found, phase: phaseAt(found, now) };
    }),
    commit: commitData(
      round,
      fromHex(commitment),
      BigInt(stake),
      fromHex(sealed),
      evidence.map((word) => fromHex(word)),
    ),
    reveal: revealData(number, labeler, sheet.map(BigInt), fromHex(salt)),
    amounts: given.amounts.map((each) => {
      const shown = exact(BigInt(each), ETHER);
      return [shown, short(BigInt(each), ETHER), parseAmount(shown.split(" ")[0]!, ETHER)];
    }),
  };
  return JSON.stringify(told, plain);
}

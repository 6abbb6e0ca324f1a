// What the page shows, for the library to compare with its own.

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
  amounts: string[];
};

const ETHER = { symbol: "ETH", decimals: 18 };

export function run(text: string): string {
  const given = JSON.parse(text) as Given;
  const found = {
    texts: given.texts.map((each) => harmless(each, "\n")),
    keys: given.options.map(keysOf),
    fields: given.tasks.map((each) => {
      const { before, pair, after } = fieldsOf(parseJson(each), new Set());
      return [before, pair ?? [], after].map((fields) => fields.map(({ name }) => name));
    }),
    types: given.contents.map((each) => typeOf(fromHex(each))),
    amounts: given.amounts.map((each) => {
      const shown = exact(BigInt(each), ETHER);
      const read = parseAmount(shown.split(" ")[0]!, ETHER);
      return [shown, short(BigInt(each), ETHER), String(read)];
    }),
  };
  return JSON.stringify(found);
}

// One's account: what is free and locked, how to pay in and out, what came of earlier rounds.

import * as api from "../api.ts";
import type { App, Screen } from "../app.ts";
import { h, type Child } from "../dom.ts";
import { harmless } from "../harmless.ts";
import { LabelingError } from "../labeler.ts";
import { checksum, ProtocolError } from "../protocol.ts";
import { exact, moment, parseAmount, short } from "../units.ts";
import { connectView } from "./connect.ts";
import { bandView, kappaOf } from "./outcome.ts";

type Facts = { free: bigint; locked: bigint; epoch: number; rounds: readonly api.EndedRound[] };

export async function accountScreen(app: App): Promise<Screen> {
  if (app.labeler === null) return { title: "Account", view: () => [connectView(app)] };
  let facts = await look(app);
  return {
    title: "Account",
    view: () => [
      balance(app, facts),
      withdrawForm(app, facts.free),
      app.isBurner ? null : h("section", {}, h("h2", {}, "Pay in"), depositForm(app, null)),
      history(app, facts.rounds),
      keyView(app, facts.epoch),
      h(
        "section",
        {},
        app.button("disconnect", "Disconnect", () => app.disconnect(), { class: "quiet" }),
      ),
    ],
    async refresh() {
      const before = textOf(facts);
      facts = await look(app);
      // What is being typed is not to be drawn over.
      const isTyping = document.activeElement?.tagName === "INPUT";
      return textOf(facts) !== before && !isTyping;
    },
  };
}

const textOf = (facts: Facts): string =>
  JSON.stringify(facts, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));

async function look(app: App): Promise<Facts> {
  const labeler = app.labeler;
  if (labeler === null) return { free: 0n, locked: 0n, epoch: 0, rounds: [] };
  const [account, epoch, reported] = await Promise.all([
    labeler.chain.account(labeler.address),
    labeler.epoch(),
    api.labeler(labeler.address),
  ]);
  return { ...account, epoch, rounds: reported.rounds };
}

function balance(app: App, { free, locked }: Facts): HTMLElement {
  const tile = (name: string, amount: bigint, words: string): HTMLElement =>
    h(
      "div",
      {},
      h("dt", {}, name),
      h("dd", { title: exact(amount, app.unit) }, short(amount, app.unit), h("small", {}, words)),
    );
  return h(
    "section",
    { class: "first" },
    h("p", { class: "long" }, h("code", {}, app.labeler!.address)),
    h(
      "dl",
      { class: "tiles two" },
      tile("Free", free, "to be staked, or withdrawn"),
      tile("Locked", locked, "stakes of rounds that are not settled"),
    ),
  );
}

// ------------------------------------------------------------------------------------------- money

/** Pay in; `missing` is filled in beforehand. */
export function depositForm(app: App, missing: bigint | null): HTMLElement {
  const { symbol } = app.unit;
  const { inEther, asset } = app.labeler!.chain;
  const asked = inEther ? "a transaction" : "transactions, an allowance and then the deposit";
  const amount = field("deposit-amount", `Amount in ${symbol}`, missing, app);
  return h(
    "div",
    { class: "form" },
    amount,
    app.button(
      "deposit",
      "Deposit",
      () =>
        void app.during(`Look at your wallet: it asks for ${asked}.`, async () => {
          const wanted = amountIn(app, "deposit-amount");
          await app.labeler!.deposit(wanted);
          return `${exact(wanted, app.unit)} paid in.`;
        }),
      { class: "primary" },
    ),
    h(
      "p",
      { class: "aside" },
      inEther
        ? "This is a transaction of your wallet, which takes gas."
        : [
            `These are transactions of your wallet, which take gas: one lets the contract take this ` +
              `amount of ${symbol}, and one pays it in. ${symbol} is the token `,
            h("code", {}, asset),
            ".",
          ],
    ),
  );
}

function withdrawForm(app: App, free: bigint): HTMLElement {
  const reported = app.about.withdrawal_fee;
  const fee = reported === null ? null : BigInt(reported);
  const asked = (): { amount: bigint; receiver: string } => {
    const amount = amountIn(app, "withdraw-amount");
    if (amount > free) throw new LabelingError("That is more than your free balance.");
    try {
      return { amount, receiver: checksum(valueOf("receiver").trim()) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new LabelingError(`The receiver: ${error.message}.`);
    }
  };
  const signed = async (): Promise<string> => {
    const { amount, receiver } = asked();
    if (amount <= fee!) throw new LabelingError("The fee would take all of it: withdraw more.");
    await app.labeler!.withdrawSigned(amount, receiver, fee!);
    return `${exact(amount - fee!, app.unit)} paid out.`;
  };
  const sent = async (): Promise<string> => {
    const { amount, receiver } = asked();
    await app.labeler!.withdraw(amount, receiver);
    return `${exact(amount, app.unit)} paid out.`;
  };
  if (free === 0n)
    return h("section", {}, h("h2", {}, "Withdraw"), h("p", {}, "Nothing is free to withdraw."));
  const input = h("input", {
    id: "receiver",
    value: app.labeler!.address,
    autocomplete: "off",
    spellcheck: "false",
    class: "wide",
  });
  return h(
    "section",
    {},
    h("h2", {}, "Withdraw"),
    h(
      "div",
      { class: "form" },
      field("withdraw-amount", `Amount in ${app.unit.symbol}`, free, app),
      h("label", { class: "field-of wide" }, h("span", {}, "To"), input),
      h(
        "div",
        { class: "buttons" },
        fee !== null &&
          app.button(
            "withdraw-signed",
            fee === 0n ? "Sign, the site sends it" : `Sign, for a fee of ${exact(fee, app.unit)}`,
            () => void app.during("Look at your wallet: it asks for a signature.", signed),
            { class: "primary" },
          ),
        !app.isBurner &&
          app.button("withdraw", "With a transaction of my own", () => {
            void app.during("Look at your wallet: it asks for a transaction.", sent);
          }),
      ),
      h(
        "p",
        { class: "aside" },
        fee === null
          ? "This site carries no withdrawals."
          : "A signature costs no gas: the site sends it within a day, and takes its fee from the " +
              "amount. It can change nothing about it.",
      ),
    ),
  );
}

function field(id: string, words: string, amount: bigint | null, app: App): HTMLElement {
  const value = amount === null ? "" : exact(amount, app.unit).split(" ")[0];
  const input = h("input", { id, value, inputmode: "decimal", autocomplete: "off" });
  return h("label", { class: "field-of" }, h("span", {}, words), input);
}

const valueOf = (id: string): string => (document.getElementById(id) as HTMLInputElement).value;

function amountIn(app: App, id: string): bigint {
  const amount = parseAmount(valueOf(id), app.unit);
  if (amount === null || amount === 0n)
    throw new LabelingError(`Write the amount as a number of ${app.unit.symbol}, like 0.02.`);
  return amount;
}

// ----------------------------------------------------------------------------------------- history

function history(app: App, rounds: readonly api.EndedRound[]): HTMLElement {
  const money = (amount: string | null): string =>
    amount === null || amount === "0" ? "–" : short(BigInt(amount), app.unit);
  const row = (each: api.EndedRound): HTMLElement =>
    h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        h("a", { href: `#/round/${each.round}` }, `Round ${each.round}`),
        h("span", { class: "gist", dir: "auto" }, harmless(each.question ?? "")),
      ),
      h("td", {}, bandView(each.band)),
      h("td", { class: "n", "data-label": "kappa" }, kappaOf(each.kappa_ppm)),
      h("td", { class: "n pay", "data-label": "earned" }, money(each.pay)),
      h("td", { class: "n slash", "data-label": "slashed" }, money(each.slash)),
      h(
        "td",
        { class: "why" },
        harmless(each.reason),
        each.closed_at !== null && h("span", { class: "gist" }, moment(each.closed_at)),
      ),
    );
  const names: Child[] = ["Round", "Outcome", "Kappa", "Earned", "Slashed", "Why"].map(
    (name, nth) => h("th", { scope: "col", class: nth > 1 && nth < 5 ? "n" : "" }, name),
  );
  return h(
    "section",
    { "aria-labelledby": "history-title" },
    h("h2", { id: "history-title" }, "Your rounds"),
    rounds.length === 0
      ? h("p", {}, "None yet: what you earn or lose, and why, is listed here.")
      : h(
          "table",
          { class: "history" },
          h("thead", {}, h("tr", {}, ...names)),
          h("tbody", {}, ...rounds.map(row)),
        ),
  );
}

function keyView(app: App, epoch: number): HTMLElement {
  return h(
    "section",
    { "aria-labelledby": "key-title" },
    h("h2", { id: "key-title" }, "The key of your answers"),
    h(
      "p",
      {},
      "Everything secret is derived from one signature of your wallet, “AnswerKey”, of epoch ",
      h("b", {}, String(epoch)),
      ". It never leaves this page. Did you sign it where you should not have? Then move on to the " +
        "next epoch: rounds to come are sealed with another key. Those that you are in keep theirs, " +
        "so reveal them in time.",
    ),
    app.button(
      "move-on",
      "Move on to a new key",
      () =>
        void app.during("One moment …", async () => {
          const next = await app.labeler!.moveOn();
          return `Epoch ${next} from now on. Other devices learn of it from your next commitment.`;
        }),
    ),
  );
}

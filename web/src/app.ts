// The page as a whole: which screen is shown, who is connected, what is being done and what came
// of it. Screens say what to show and what keys do; everything else is here.

import * as api from "./api.ts";
import { byId, forgetTyped, h, refill, type Child } from "./dom.ts";
import type { Labeler } from "./labeler.ts";
import { sentenceOf } from "./sentences.ts";
import { forgetMedia } from "./media.ts";
import { brief, duration, type Unit } from "./units.ts";
import { Wallet, watchWallets, type FoundWallet } from "./wallet.ts";

export type Screen = {
  readonly title: string;
  /** What is on it, under the title. */
  view(): Child[];
  /** The title as it is shown, if it says more. */
  heading?(): Child[];
  /** Whether a key meant something here. */
  press?(event: KeyboardEvent): boolean;
  /** Look again at what it shows: whether anything has changed. */
  refresh?(): Promise<boolean>;
  leave?(): void;
};

export type Opener = (app: App, ...parts: string[]) => Promise<Screen>;

/** Paths behind the `#`, and what opens their screens. */
export type Routes = readonly (readonly [path: RegExp, open: Opener])[];

const REFRESH = 10_000; // ms between two looks
const REFRESH_LOCAL = 3_000; // where blocks come at once
const CHOSEN = "plumbline wallet"; // the one to connect to again after a reload

export class App {
  readonly about: api.SiteAbout;
  readonly isLocal: boolean;
  labeler: Labeler | null = null;
  /** Whether the key is one of this tab, which sends no transactions. */
  isBurner = false;
  wallets: readonly FoundWallet[] = [];
  readonly #routes: Routes;
  #screen: Screen | null = null;
  #opened = 0;
  #isOpening = false;
  #busy = "";
  #said: { text: string; isError: boolean } = { text: "", isError: false };
  #looking: Promise<void> | null = null;
  #unwatch: (() => void) | null = null;
  #stale = "";

  private constructor(about: api.SiteAbout, routes: Routes) {
    this.about = about;
    this.isLocal = api.isLocal(about);
    this.#routes = routes;
  }

  static async start(routes: Routes): Promise<void> {
    const app = new App(await api.about(), routes);
    watchWallets((wallets) => {
      app.wallets = wallets;
      if (app.labeler === null) app.render();
      void app.#reconnect();
    });
    void app.#reconnect();
    window.addEventListener("hashchange", () => void app.open());
    document.addEventListener("keydown", (event) => app.#press(event));
    // After sleep, or in another tab for a while: look at once.
    document.addEventListener("visibilitychange", () => app.look());
    window.addEventListener("online", () => app.look());
    setInterval(() => app.look(), app.isLocal ? REFRESH_LOCAL : REFRESH);
    setInterval(tick, 1_000);
    await app.open();
  }

  /** What amounts are in: by the chain's word, once there is a wallet to ask it. */
  get unit(): Unit {
    return this.labeler?.chain.unit ?? this.about;
  }

  get isBusy(): boolean {
    return this.#busy !== "";
  }

  // --------------------------------------------------------------------------------- screens

  /** Show the screen that the address names. */
  async open(): Promise<void> {
    const path = location.hash.replace(/^#/, "") || "/";
    const route = this.#routes.find(([pattern]) => pattern.test(path));
    if (route === undefined) return this.goTo("/");
    const parts = route[0].exec(path)!.slice(1);
    const nth = ++this.#opened;
    this.#isOpening = true;
    let screen: Screen;
    try {
      screen = await route[1](this, ...parts);
    } catch (error) {
      screen = broken(sentenceOf(error));
    }
    if (nth !== this.#opened) return; // somebody has gone on already
    this.#isOpening = false;
    this.#screen?.leave?.();
    forgetMedia();
    forgetTyped(byId("page"));
    const isFirst = this.#screen === null;
    this.#screen = screen;
    if (!isFirst && !this.isBusy && !this.#said.isError) this.#said = { text: "", isError: false };
    this.render();
    if (!isFirst) {
      window.scrollTo(0, 0);
      this.focusTitle();
    }
  }

  goTo(path: string): void {
    if (location.hash === `#${path}`) void this.open();
    else location.hash = path;
  }

  /** Draw the screen as things stand. */
  render(): void {
    const screen = this.#screen;
    if (screen === null) return;
    document.title = `${screen.title} · Plumbline`;
    const heading = screen.heading?.() ?? [screen.title];
    refill(byId("page"), h("h1", { id: "title", tabindex: "-1" }, ...heading), ...screen.view());
    byId("main").setAttribute("aria-busy", String(this.isBusy));
    this.#renderHead();
    this.#renderSaid();
    tick();
  }

  focusTitle(): void {
    byId("title").focus({ preventScroll: true });
  }

  /** Look again, unless something is being done or nobody is looking. */
  look(): void {
    const screen = this.#screen;
    if (this.#looking !== null || this.#isOpening || this.isBusy || document.hidden) return;
    if (screen?.refresh === undefined) return;
    this.#looking = this.#look(screen, screen.refresh()).finally(() => (this.#looking = null));
  }

  async #look(screen: Screen, looked: Promise<boolean>): Promise<void> {
    try {
      const isChanged = await looked;
      const wasStale = this.#stale !== "";
      this.#stale = "";
      if (screen !== this.#screen || this.isBusy || this.#isOpening) return;
      if (isChanged) {
        if (!this.#said.isError) this.#said = { text: "", isError: false };
        this.render();
      } else if (wasStale) this.#renderSaid();
    } catch (error) {
      this.#stale = sentenceOf(error);
      this.#renderSaid();
    }
  }

  // ------------------------------------------------------------------------------ what is done

  /** A remark on what a key did, until the next one. */
  say(text: string, isError = false): void {
    this.#said = { text, isError };
    this.#renderSaid();
  }

  /** Do what takes time: say what, then what came of it, then show how things stand. */
  async during(words: string, work: () => Promise<string | void>): Promise<boolean> {
    if (this.isBusy) return false;
    this.#busy = words;
    this.#said = { text: "", isError: false };
    this.render();
    let isDone = false;
    try {
      const said = await work();
      this.#said = { text: said ?? "", isError: false };
      forgetTyped(byId("page"));
      isDone = true;
    } catch (error) {
      this.#said = { text: sentenceOf(error), isError: true };
    }
    // A look that has begun before would be taken for what has come of it.
    await this.#looking;
    await this.#screen?.refresh?.().catch(() => undefined);
    this.#busy = "";
    this.render();
    return isDone;
  }

  /** A button that is not to be pressed while something is being done. */
  button(id: string, words: Child, act: () => void, properties: object = {}): HTMLElement {
    const given = { id, type: "button", onclick: act, disabled: this.isBusy, ...properties };
    return h("button", given, words);
  }

  // --------------------------------------------------------------------------------- connecting

  async connect(wallet: FoundWallet): Promise<void> {
    await this.during(`Look at your wallet: ${wallet.name} asks whether to connect.`, async () => {
      const made = await Wallet.connect(wallet.provider, this.about.chain_id);
      await this.#enter(made, false);
      remember(wallet.id);
      await this.open();
    });
  }

  /** Connect with a throw-away key and a stake from the faucet: on local chains only. */
  async connectBurner(): Promise<void> {
    await this.during("Making a key, and asking the faucet for a stake …", async () => {
      const labeler = await this.#enter(await this.#burner(), true);
      remember("burner");
      await api.askFaucet(labeler.address).catch(() => undefined); // asked again before committing
      await this.open();
    });
  }

  disconnect(): void {
    remember(null);
    this.#unwatch?.();
    this.labeler = null;
    this.goTo("/");
  }

  async #burner(): Promise<Wallet> {
    const { burner } = await import("./burner.ts");
    return Wallet.connect(burner(api.askNode), this.about.chain_id);
  }

  /** After a reload: the wallet that was chosen, if it still shows this page an account. */
  async #reconnect(): Promise<void> {
    const chosen = remembered();
    if (chosen === null || this.labeler !== null || this.isBusy) return;
    try {
      const wallet =
        chosen === "burner"
          ? this.isLocal
            ? await this.#burner()
            : null
          : await this.#known(chosen);
      if (wallet === null || this.labeler !== null) return;
      await this.#enter(wallet, chosen === "burner");
      await this.open();
    } catch (error) {
      this.say(sentenceOf(error), true);
    }
  }

  async #known(id: string): Promise<Wallet | null> {
    const found = this.wallets.find((each) => each.id === id);
    return found === undefined ? null : Wallet.reconnect(found.provider, this.about.chain_id);
  }

  async #enter(wallet: Wallet, isBurner: boolean): Promise<Labeler> {
    await wallet.requireChain();
    const { Chain, Labeler } = await import("./later.ts");
    const chain = await Chain.open(wallet.provider, this.about);
    const labeler = new Labeler(wallet, chain, this.about.deployed_block);
    this.#unwatch?.();
    this.#unwatch = wallet.watch(() => void this.#onWalletChange());
    this.labeler = labeler;
    this.isBurner = isBurner;
    return labeler;
  }

  /** Another account, or another chain: begin anew with it, drafts are kept by account. */
  async #onWalletChange(): Promise<void> {
    const labeler = this.labeler;
    if (labeler === null || this.isBusy) return;
    try {
      await labeler.wallet.requireReady();
    } catch (error) {
      this.labeler = null;
      this.#unwatch?.();
      await this.open();
      this.say(sentenceOf(error), true);
    }
  }

  // ------------------------------------------------------------------------------------ drawing

  #renderHead(): void {
    const address = this.labeler?.address;
    refill(
      byId("who"),
      address === undefined
        ? null
        : h("a", { id: "me", href: "#/account", title: address }, brief(address)),
    );
    const path = location.hash.replace(/^#/, "") || "/";
    for (const link of document.querySelectorAll("nav a"))
      if (link.getAttribute("href") === `#${path}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
  }

  #renderSaid(): void {
    const { text, isError } = this.#said;
    const line = byId("said");
    const shown = this.#busy || text || this.#stale;
    const isBad = !this.#busy && (text === "" ? this.#stale !== "" : isError);
    if (line.textContent !== shown) line.textContent = shown;
    line.className = this.#busy ? "busy" : isBad ? "error" : "";
  }

  #press(event: KeyboardEvent): void {
    if (this.isBusy || event.isComposing || event.altKey) return;
    const target = event.target as Element | null;
    if (target?.closest("input, textarea, select, audio, dialog")) return;
    if (this.#screen?.press?.(event) === true) event.preventDefault();
  }
}

/** A time that counts down. */
export function timeLeft(until: number, now: number): HTMLElement {
  const end = Date.now() + (until - now) * 1000;
  return h("span", { class: "countdown", "data-end": end }, duration(until - now));
}

function tick(): void {
  for (const each of document.querySelectorAll<HTMLElement>(".countdown")) {
    const words = duration((Number(each.dataset.end) - Date.now()) / 1000);
    if (each.textContent !== words) each.textContent = words;
  }
}

function broken(sentence: string): Screen {
  return {
    title: "This cannot be shown",
    view: () => [
      h("p", { class: "error" }, sentence),
      h("p", {}, h("a", { href: "#/" }, "Back to the rounds")),
    ],
  };
}

function remember(id: string | null): void {
  try {
    if (id === null) sessionStorage.removeItem(CHOSEN);
    else sessionStorage.setItem(CHOSEN, id);
  } catch {
    // Then the wallet is asked again.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}


// How to connect: a part of every screen that needs a wallet.

import type { App } from "../app.ts";
import { h } from "../dom.ts";
import { harmless } from "../harmless.ts";

/** The wallets there are, and a throw-away key where that is possible. */
export function connectView(app: App): HTMLElement {
  const wallets = app.wallets.map((wallet, nth) => {
    const icon = wallet.icon === null ? null : h("img", { src: wallet.icon, alt: "", width: 24 });
    const words = [icon, harmless(wallet.name)];
    return app.button(`wallet-${nth}`, words, () => void app.connect(wallet));
  });
  const burner = app.isLocal
    ? app.button("burner", "Try it with a throw-away key", () => void app.connectBurner(), {
        class: "primary",
      })
    : null;
  return h(
    "section",
    { class: "panel", "aria-labelledby": "connect-title" },
    h("h2", { id: "connect-title" }, "Connect"),
    h("p", {}, "Your wallet signs your answers. You pay no gas: this site carries what you sign."),
    h("div", { class: "buttons" }, burner, ...wallets),
    app.isLocal &&
      h(
        "p",
        { class: "aside" },
        "This is a local market, for trying out. A throw-away key lives in this tab, and its stake " +
          "comes from a faucet.",
      ),
    wallets.length === 0 &&
      h(
        "p",
        { class: "aside" },
        app.isLocal
          ? "No wallet was found in this browser; none is needed here."
          : "No wallet was found in this browser: install one, or open this page in the browser of " +
              "your wallet.",
      ),
  );
}

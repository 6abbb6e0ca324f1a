// Help: how a round goes, how answers are judged, and what can go wrong.

import type { App, Screen } from "../app.ts";
import { h, points, type Child } from "../dom.ts";

const part = (title: string, ...children: Child[]): HTMLElement =>
  h("section", {}, h("h2", {}, title), ...children);

export function helpScreen(app: App): Promise<Screen> {
  return Promise.resolve({
    title: "Help",
    heading: () => ["How it goes"],
    view: () => [
      part(
        "A round",
        h(
          "ol",
          { class: "points" },
          h("li", {}, h("b", {}, "Answer."), " Your answers stay in this browser."),
          h(
            "li",
            {},
            h("b", {}, "Commit."),
            " You sign, and your stake is locked. On the chain is a seal of your answers, which " +
              "nobody can read: so nobody can copy them.",
          ),
          h(
            "li",
            {},
            h("b", {}, "Reveal."),
            " When all seats are taken, or the time is up, come back and open the seal. Who does " +
              "not is slashed: silence would be a way out.",
          ),
          h(
            "li",
            {},
            h("b", {}, "Be paid."),
            " The contract compares all answers and settles the round. Pay and stake are in your " +
              "account, and you withdraw them when you like.",
          ),
        ),
      ),
      part(
        "How answers are judged",
        points(
          "Each answer is compared with what the others said about that task; tasks on which they are " +
            "divided do not count.",
          "Your agreement beyond chance is your kappa: 1 is full agreement, 0 is what guessing or a " +
            "constant answer reaches.",
          "Near is paid in full from somewhat above the crowd's own kappa on, less below it. Far earns " +
            "and loses nothing. An outlier, no better than chance or failing the gold tasks, loses " +
            "part of the stake.",
          "A skip is no vote: it costs its share of the pay, and is never wrong.",
          "Answer what you see, not what you think others will say: gold tasks may be among them.",
        ),
      ),
      part(
        "Secrets",
        points(
          "One signature, “AnswerKey”, unlocks your answers. This page asks for it before the first " +
            "commitment, and never hands it to anybody. Sign it only where you answer tasks yourself: " +
            "never to log in, never to claim anything.",
          "Until the commit phase is over, show your answers to nobody: whoever has them can take part " +
            "of your stake.",
          "On another device connect the same wallet: it opens your answers again.",
        ),
      ),
      part(
        "When something goes wrong",
        points(
          "A declined signature, a locked wallet, a wrong network: nothing was sent. Try again.",
          "The page was closed, the lid was shut, the battery died: open it again. Answers are kept one " +
            "by one, and what is committed is on the chain.",
          "The site is gone: any other site for the same contract will do, and so will the command " +
            "line. It never had your key, nor your money.",
          "The site says otherwise than the chain: the page shows it, and believes the chain.",
        ),
      ),
      part(
        "What this page talks to",
        h(
          "p",
          {},
          "To its own server and to your wallet, and to nobody else. The contract is ",
          h("code", { class: "long" }, app.about.contract),
          ` on chain ${app.about.chain_id}.`,
        ),
      ),
    ],
  });
}

// The labeling page: its screens, and where they are.

import { App, type Routes } from "./app.ts";
import { byId } from "./dom.ts";
import { sentenceOf } from "./sentences.ts";
import { roundsScreen } from "./screens/rounds.ts";

const later = () => import("./later.ts");

const ROUTES: Routes = [
  [/^\/$/, roundsScreen],
  [/^\/round\/([1-9][0-9]{0,8})$/, async (app, number) => (await later()).roundScreen(app, number!)],
  [
    /^\/round\/([1-9][0-9]{0,8})\/answer$/,
    async (app, number) => (await later()).answerScreen(app, number!),
  ],
  [
    /^\/round\/([1-9][0-9]{0,8})\/review$/,
    async (app, number) => (await later()).reviewScreen(app, number!),
  ],
  [/^\/account$/, async (app) => (await later()).accountScreen(app)],
  [/^\/help$/, async (app) => (await later()).helpScreen(app)],
];

/** The browser lacks what the page is built with; the message is for people. */
class OldBrowserError extends Error {}

/** Throws OldBrowserError in one that is older than those the page is built for (build.mjs). */
async function requireRecent(): Promise<void> {
  if ("isWellFormed" in String.prototype) return; // what came last of all that is used
  throw new OldBrowserError(
    "This browser is too old for this page: update it, or use one of 2024 or later.",
  );
}

requireRecent()
  .then(() => App.start(ROUTES))
  .then(later)
  .catch((error: unknown) => {
    byId("said").textContent = sentenceOf(error);
    byId("said").className = "error";
  });

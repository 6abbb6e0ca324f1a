// The labeling page: its screens, and where they are.

import { App, type Routes } from "./app.ts";
import { byId } from "./dom.ts";
import { sentenceOf } from "./sentences.ts";
import { roundsScreen } from "./screens/rounds.ts";

// All but the first screen come when they are needed, or when there is time.
const round = () => import("./screens/round.ts");
const answer = () => import("./screens/answer.ts");
const review = () => import("./screens/review.ts");
const account = () => import("./screens/account.ts");
const help = () => import("./screens/help.ts");

const ROUTES: Routes = [
  [/^\/$/, roundsScreen],
  [/^\/round\/([1-9][0-9]{0,8})$/, async (app, number) => (await round()).roundScreen(app, number!)],
  [
    /^\/round\/([1-9][0-9]{0,8})\/answer$/,
    async (app, number) => (await answer()).answerScreen(app, number!),
  ],
  [
    /^\/round\/([1-9][0-9]{0,8})\/review$/,
    async (app, number) => (await review()).reviewScreen(app, number!),
  ],
  [/^\/account$/, async (app) => (await account()).accountScreen(app)],
  [/^\/help$/, async (app) => (await help()).helpScreen(app)],
];

App.start(ROUTES)
  .then(() => Promise.all([round, answer, review, account, help].map((load) => load())))
  .catch((error: unknown) => {
    byId("said").textContent = sentenceOf(error);
    byId("said").className = "error";
  });

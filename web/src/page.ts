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

App.start(ROUTES)
  .then(later)
  .catch((error: unknown) => {
    byId("said").textContent = sentenceOf(error);
    byId("said").className = "error";
  });

// The labeling page: its screens, and where they are.

import { App, type Routes } from "./app.ts";
import { byId } from "./dom.ts";
import { sentenceOf } from "./labeler.ts";
import { accountScreen } from "./screens/account.ts";
import { answerScreen } from "./screens/answer.ts";
import { helpScreen } from "./screens/help.ts";
import { reviewScreen } from "./screens/review.ts";
import { roundScreen } from "./screens/round.ts";
import { roundsScreen } from "./screens/rounds.ts";

const ROUTES: Routes = [
  [/^\/$/, roundsScreen],
  [/^\/round\/([1-9][0-9]{0,8})$/, roundScreen],
  [/^\/round\/([1-9][0-9]{0,8})\/answer$/, answerScreen],
  [/^\/round\/([1-9][0-9]{0,8})\/review$/, reviewScreen],
  [/^\/account$/, accountScreen],
  [/^\/help$/, helpScreen],
];

App.start(ROUTES).catch((error: unknown) => {
  byId("said").textContent = sentenceOf(error);
  byId("said").className = "error";
});

// What the first screen does not need: it comes as one file, when somebody goes on or there is time.

export { Chain } from "./chain.ts";
export { Labeler } from "./labeler.ts";
export { accountScreen } from "./screens/account.ts";
export { answerScreen } from "./screens/answer.ts";
export { helpScreen } from "./screens/help.ts";
export { reviewScreen } from "./screens/review.ts";
export { roundScreen } from "./screens/round.ts";

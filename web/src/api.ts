// What the server of the page tells, and what it is handed. None of it is believed where it could
// cost a stake: see chain.ts.

export type SiteAbout = {
  readonly chain_id: number;
  readonly genesis: string;
  readonly contract: string;
  readonly deployed_block: number;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly is_local: boolean;
  readonly withdrawal_fee: string | null;
};

export type Outcome = {
  readonly band: string | null;
  readonly kappa_ppm: number | null;
  readonly pay: string | null;
  readonly slash: string | null;
  readonly reason: string;
};

export type SiteSeat = {
  readonly commitment: string;
  readonly sealed: string;
  readonly is_revealed: boolean;
  readonly settled: Outcome | null;
};

export type Standing = {
  readonly seat: SiteSeat | null;
  readonly held: { reason: string; until: number | null; remedy: string } | null;
  readonly opening_kept: boolean;
  /** Why no seat would be given; `until` is when that ends by itself. */
  readonly refusal: { reason: string; remedy: string; until: number | null } | null;
  readonly position: {
    rank: number | null;
    seats: number;
    admitted_at: number | null;
    standby_from: number | null;
    evidence: readonly string[];
  } | null;
};

export type SiteRound = {
  readonly round: number;
  readonly phase: string;
  readonly now: number;
  readonly opened_block: number;
  readonly commit_deadline: number;
  readonly reveal_deadline: number;
  readonly close_deadline: number;
  readonly seats: number;
  readonly committed: number;
  readonly revealed: number;
  readonly tasks: number;
  readonly options: number;
  readonly kind: string;
  readonly stake: string;
  readonly price: string;
  readonly gold: number;
  readonly outlier_cost: string;
  readonly silence_cost: string;
  readonly tasks_root: string;
  readonly requester: string;
  readonly requester_record: { opened: number; closed: number; expired: number; void: number };
  readonly admission: { address: string; words: string | null; is_drawn: boolean } | null;
  readonly question: string | null;
  readonly tasks_flaw: string | null;
  readonly you: Standing | null;
};

export type EndedRound = Outcome & {
  readonly round: number;
  readonly question: string | null;
  readonly phase: string;
  readonly stake: string;
  readonly closed_at: number | null;
};

const LOCAL_CHAINS = [1337, 31337];

/** Whether a site's word that its chain is a local one may be taken. */
export const isLocal = (about: SiteAbout): boolean =>
  about.is_local && LOCAL_CHAINS.includes(about.chain_id);

/** What the server refuses, or that it does not answer; the message is for people. */
export class SiteError extends Error {}

const AWAY = "The site does not answer: check the network, and try again. Nothing is lost.";

async function answered(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...options, credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    throw new SiteError(AWAY);
  }
}

async function requested<T>(path: string, options: RequestInit = {}): Promise<T> {
  const answer = await answered(path, options);
  let value: unknown;
  try {
    value = await answer.json();
  } catch {
    throw new SiteError(AWAY);
  }
  if (answer.ok) return value as T;
  const { error, remedy } = (value ?? {}) as { error?: unknown; remedy?: unknown };
  const why = typeof error === "string" ? error : answer.statusText;
  throw new SiteError(
    `The site says: ${why}${typeof remedy === "string" ? ` (${remedy})` : ""}.`,
  );
}

function handed<T>(path: string, body: string): Promise<T> {
  const headers = { "content-type": "application/json" };
  return requested<T>(path, { method: "POST", headers, body });
}

const of = (labeler: string | null): string => (labeler === null ? "" : `?labeler=${labeler}`);

export const about = (): Promise<SiteAbout> => requested("/api/site");

export const rounds = (labeler: string | null): Promise<{ now: number; rounds: SiteRound[] }> =>
  requested(`/api/rounds${of(labeler)}`);

export const round = (number: number, labeler: string | null): Promise<SiteRound> =>
  requested(`/api/rounds/${number}${of(labeler)}`);

export const labeler = (address: string): Promise<{ rounds: EndedRound[] }> =>
  requested(`/api/labelers/${address}`);

export type Handed = {
  readonly status: string;
  readonly reason?: string;
  readonly remedy?: string;
};

export const handInCommitment = (file: string): Promise<Handed> =>
  handed("/api/commitments", file);

export const handInOpening = (file: string): Promise<Handed> => handed("/api/openings", file);

export const handInWithdrawal = (file: string): Promise<{ transaction: string | null }> =>
  handed("/api/withdrawals", file);

export const askFaucet = (address: string): Promise<{ free: string }> =>
  handed("/api/faucet", JSON.stringify({ labeler: address }));

/** What the node of a local chain says, as a wallet's own would. */
export async function askNode(method: string, params: unknown): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await handed<{ result?: unknown; error?: object }>("/api/node", body);
  if (answer.error !== undefined) throw answer.error;
  return answer.result;
}

/** Content by its hash or root: at most `limit` bytes. Throws SiteError. */
export async function content(path: string, limit: number): Promise<Uint8Array> {
  const answer = await answered(path, {});
  if (!answer.ok || answer.body === null)
    throw new SiteError(`The site does not have it (${answer.status}): ask who runs it`);
  const reader = answer.body.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new SiteError(AWAY);
    });
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new SiteError(`It is larger than ${Math.round(limit / 2 ** 20)} MiB`);
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * The status of sessions that other processes run, as they tell it themselves. Used by
 * `drover status`.
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { RegisteredWorker } from "../protocol/registry.ts";
import { STATUS_PATH, type StatusPage } from "../protocol/status-page.ts";
import { UserError } from "../util/errors.ts";
import { connectAddress } from "./connect-address.ts";
import type { ConnectionRow } from "./status.ts";

export interface RunningSession {
  readonly pid: number;
  /** Folder that it was started in. */
  readonly folder: string;
  /** URL of one of its Workers. */
  readonly url: string;
}

/** A session that hangs is told from one that is busy by this, milliseconds. */
const ANSWER_MS = 3_000;

/** The sessions that run these Workers, each once; those without a URL are still starting. */
export function sessionsOf(workers: readonly RegisteredWorker[]): readonly RunningSession[] {
  const sessions = new Map<string, RunningSession>();
  for (const { session, url } of workers) {
    if (url === undefined || sessions.has(session.id)) continue;
    sessions.set(session.id, { pid: session.pid, folder: session.cwd, url });
  }
  return [...sessions.values()];
}

/**
 * Asks a session for its status. `url`: any URL of it.
 *
 * @throws UserError STATUS_UNREACHABLE
 */
export function fetchStatus(url: string): Promise<StatusPage<ConnectionRow>> {
  return fetchPage(url, STATUS_PATH);
}

/**
 * Asks a session for one of drover's own pages, which is JSON.
 *
 * @throws UserError STATUS_UNREACHABLE
 */
export function fetchPage<Page>(url: string, path: string): Promise<Page> {
  return askSession({ url, path, worker: undefined, accepts: [200], patienceMs: ANSWER_MS });
}

export interface SessionQuestion {
  /** Any URL of the session. */
  readonly url: string;
  readonly path: string;
  /** The one that is asked; undefined: the session itself. */
  readonly worker: string | undefined;
  /** Statuses of answers; any other is a failure. */
  readonly accepts: readonly number[];
  /** Milliseconds; undefined: as long as it takes. */
  readonly patienceMs: number | undefined;
  /** Sent with POST, bytes as they are, other values as JSON; absent: GET. */
  readonly body?: unknown;
}

export interface SessionAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks for one of the reserved paths; the answer is JSON.
 *
 * @throws UserError STATUS_UNREACHABLE
 */
export async function askSession<Answer>(question: SessionQuestion): Promise<Answer> {
  const { text } = await askSessionText(question);
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw unreachable(question.url, cause);
  }
}

/**
 * The same where the answer is text.
 *
 * @throws UserError STATUS_UNREACHABLE
 */
export async function askSessionText(question: SessionQuestion): Promise<SessionAnswer> {
  const { url, path, worker, accepts, patienceMs, body: content } = question;
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "https:";
  const request = secure ? requestHttps : requestHttp;
  const number = port === "" ? (secure ? 443 : 80) : Number(port);
  try {
    return await new Promise<SessionAnswer>((resolve, reject) => {
      const sent = request(
        {
          host: connectAddress(hostname),
          port: number,
          path,
          method: content === undefined ? "GET" : "POST",
          headers: {
            // Reserved paths answer only to names of this machine.
            host: `localhost:${number}`,
            ...(worker === undefined ? {} : { "mf-route-override": worker }),
          },
          rejectUnauthorized: false,
          ...(patienceMs === undefined ? {} : { signal: AbortSignal.timeout(patienceMs) }),
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (chunk: string) => {
            body += chunk;
          });
          response.once("error", reject).once("end", () => {
            const { statusCode: status = 0 } = response;
            if (accepts.includes(status)) resolve({ status, text: body });
            else reject(new Error(`it answers ${status}`));
          });
        },
      );
      sent.once("error", reject).end(bytesOf(content));
    });
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

function bytesOf(content: unknown): Uint8Array | string | undefined {
  if (content === undefined || content instanceof Uint8Array) return content;
  return JSON.stringify(content);
}

function unreachable(url: string, cause: unknown): UserError {
  const reason =
    cause instanceof Error && cause.name === "AbortError"
      ? `no answer within ${ANSWER_MS / 1000} s`
      : cause instanceof Error && cause.message !== ""
        ? cause.message
        : "nobody listens there";
  return new UserError("STATUS_UNREACHABLE", `${url} does not answer: ${reason}`, { cause });
}

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
export async function fetchPage<Page>(url: string, path: string): Promise<Page> {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "https:";
  const request = secure ? requestHttps : requestHttp;
  const number = port === "" ? (secure ? 443 : 80) : Number(port);
  try {
    const text = await new Promise<string>((resolve, reject) => {
      const sent = request(
        {
          host: connectAddress(hostname),
          port: number,
          path,
          // Reserved paths answer only to names of this machine.
          headers: { host: `localhost:${number}` },
          rejectUnauthorized: false,
          signal: AbortSignal.timeout(ANSWER_MS),
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (chunk: string) => {
            body += chunk;
          });
          response.once("error", reject).once("end", () => {
            if (response.statusCode === 200) resolve(body);
            else reject(new Error(`it answers ${response.statusCode}`));
          });
        },
      );
      sent.once("error", reject).end();
    });
    return JSON.parse(text) as Page;
  } catch (cause) {
    const reason =
      cause instanceof Error && cause.name === "AbortError"
        ? `no answer within ${ANSWER_MS / 1000} s`
        : cause instanceof Error && cause.message !== ""
          ? cause.message
          : "nobody listens there";
    throw new UserError("STATUS_UNREACHABLE", `${url} does not answer: ${reason}`, { cause });
  }
}

/** What a Worker throws in `fetch` rejects here, as in wrangler's programs. Used by the harness and by startWorker. */
import { Headers, type RequestInit, type Response } from "undici";
import {
  ERROR_ANSWER_TYPE,
  type ErrorAnswer,
  WANTS_ERRORS_HEADER,
} from "../protocol/error-answer.ts";

/** Asks for what a Worker throws instead of the page that a browser gets. */
export function wantingErrors(init: RequestInit): RequestInit & { readonly headers: Headers } {
  const headers = new Headers(init.headers);
  headers.set(WANTS_ERRORS_HEADER, "1");
  return { ...init, headers };
}

/** Rejects with what the Worker threw. */
export async function answered(response: Promise<Response>): Promise<Response> {
  const answer = await response;
  if (answer.headers.get("content-type") !== ERROR_ANSWER_TYPE) return answer;
  const { name, message, stack } = (await answer.json()) as ErrorAnswer;
  const error = new Error(message);
  Object.assign(error, { name, ...(stack === "" ? {} : { stack }) });
  throw error;
}

/** DISCONNECTED as callers see it (spec/rpc.md 4.3). */
import { connectionLost } from "./error-texts.ts";

export function lostError(): Error {
  return Object.assign(new Error(connectionLost), { retryable: true, remote: true });
}

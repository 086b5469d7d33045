/** DISCONNECTED: what production's network reports. */
import { connectionLost } from "./error-texts.ts";

/** Without a Worker at the other end that could be meant. */
export function networkLost(): Error {
  return Object.assign(new Error(connectionLost), { retryable: true });
}

/** As callers see it (spec/rpc.md 4.3). */
export function lostError(): Error {
  return Object.assign(networkLost(), { remote: true });
}

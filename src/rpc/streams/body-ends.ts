/**
 * How the bodies of an event end when one side leaves: as those of HTTP, not as streams over RPC
 * (asked of the real runtime). For bodies that bindings carry (readable.ts) and for those from and
 * to the front door (runtime/http/exchange.ts).
 */
import { clientDisconnected, readAfterResponse } from "../error-texts.ts";
import { networkLost } from "../lost-error.ts";

/**
 * What a body is cancelled with when its receiver left: the network, unless JavaScript made it and
 * it belongs to nobody.
 */
export function receiverLeft(owner: object | undefined): Error | undefined {
  return owner === undefined ? undefined : networkLost();
}

/** What reading the body of a binding's request fails with when its caller left. */
export function callerLeft(): TypeError {
  return Object.assign(new TypeError(clientDisconnected), { retryable: true });
}

/** What reading the body of a request fails with once it is answered. */
export function alreadyAnswered(): TypeError {
  return new TypeError(readAfterResponse);
}

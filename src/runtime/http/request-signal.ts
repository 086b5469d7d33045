/** The signal of an incoming request, when its client leaves: the front door's or a binding's caller. */

import { logRuntime } from "../../isolate/log.ts";
import { httpCompat } from "../../web/compat.ts";
import { abortRequest, type Request } from "../../web/http/request.ts";

/** True if somebody has read the signal and may listen. To be called in the request's invocation. */
export function fireRequestSignal(request: Request): boolean {
  const wasRead = abortRequest(request);
  if (wasRead && !httpCompat().requestSignal) {
    logRuntime(
      "warn",
      'A client has disconnected, and request.signal did not fire, as in production: that takes the compatibility flag "enable_request_signal", which is on by default since 2026-11-17.',
      "request-signal",
    );
  }
  return wasRead && httpCompat().requestSignal;
}

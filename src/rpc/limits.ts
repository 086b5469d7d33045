/**
 * Depth and number of invocations per request (spec/rpc.md 8), checked where a session is opened:
 * each session is one invocation.
 */
import type { Context, RpcHost } from "./contract.ts";
import { depthLimit, invocationLimit } from "./error-texts.ts";

/** Workers in a chain, the first one included. */
const MAX_DEPTH = 32;
export const MAX_INVOCATIONS = 32;

/**
 * Counts one invocation, if it `counts`; the error if it is one too many, or the chain too deep, and
 * limits are enforced.
 */
export function limitError(host: RpcHost, context: Context, counts: boolean): Error | undefined {
  const { trace } = context;
  const { budget } = trace;
  if (budget !== undefined && counts) budget.invocations += 1;
  const mode = host.limits ?? "off";
  if (mode === "off") return undefined;
  let text: string | undefined;
  if (trace.depth >= MAX_DEPTH - 1) text = depthLimit;
  else if (counts && (budget?.invocations ?? 0) > MAX_INVOCATIONS) text = invocationLimit;
  if (text === undefined) return undefined;
  if (mode === "enforce") return new Error(text);
  // Beyond the limit the Worker that crossed it has said so already.
  if (trace.depth < MAX_DEPTH && budget?.warned !== true) {
    if (budget !== undefined) budget.warned = true;
    host.report({
      type: "warning",
      text: `In production this request would fail: ${text}\nThis Worker is over the limit of ${MAX_INVOCATIONS} Worker invocations per request. --limits enforce makes it fail here too, --limits off is silent.`,
      once: `limits:${trace.requestId}`,
    });
  }
  return undefined;
}

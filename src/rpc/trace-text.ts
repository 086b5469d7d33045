/**
 * How a session's request is named in the frame that opens it: `<requestId>`, and where the request
 * has a trace `<requestId>\n<trace id>` or `<requestId>\n<trace id>-<span id>` (docs/protocol.md). Pure.
 */
import type { TraceInfo } from "./contract.ts";

type TraceNames = Pick<TraceInfo, "requestId" | "traceId" | "spanId">;

/** `spanId`: of the session, where it is recorded. */
export function traceText({ requestId, traceId }: TraceNames, spanId: string | undefined): string {
  if (traceId === undefined) return requestId;
  return spanId === undefined ? `${requestId}\n${traceId}` : `${requestId}\n${traceId}-${spanId}`;
}

export function parseTraceText(text: string): TraceNames {
  const at = text.indexOf("\n");
  if (at === -1) return { requestId: text, traceId: undefined, spanId: undefined };
  const dash = text.indexOf("-", at);
  return {
    requestId: text.slice(0, at),
    traceId: text.slice(at + 1, dash === -1 ? undefined : dash),
    spanId: dash === -1 ? undefined : text.slice(dash + 1),
  };
}

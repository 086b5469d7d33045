/**
 * How a session's request is named in the frame that opens it: `<requestId>`, and where the request
 * has a trace `<requestId>\n<trace id>` or `<requestId>\n<trace id>-<span id>` (docs/protocol.md).
 */
import type { TraceInfo } from "./contract.ts";

type TraceNames = Pick<TraceInfo, "requestId" | "traceId" | "spanId">;

/**
 * Of one end of a link. Calls of one request come one after the other, and a text of two parts that is
 * built, cut and hashed anew for each of them costs as much as a third of the call: the last is kept.
 */
export class TraceTexts {
  #written: { readonly names: TraceNames; readonly text: string } | undefined;
  #read: { readonly names: TraceNames; readonly text: string } | undefined;

  /** `spanId`: of the session, where it is recorded. */
  write({ requestId, traceId }: TraceNames, spanId: string | undefined): string {
    if (traceId === undefined) return requestId;
    const last = this.#written;
    const isLast = last?.names.traceId === traceId && last.names.requestId === requestId;
    const text = isLast ? last.text : `${requestId}\n${traceId}`;
    if (!isLast) this.#written = { names: { requestId, traceId }, text };
    return spanId === undefined ? text : `${text}-${spanId}`;
  }

  read(text: string): TraceNames {
    if (this.#read?.text === text) return this.#read.names;
    const names = parse(text);
    this.#read = { names, text };
    return names;
  }
}

function parse(text: string): TraceNames {
  const at = text.indexOf("\n");
  if (at === -1) return { requestId: text, traceId: undefined, spanId: undefined };
  const dash = text.indexOf("-", at);
  return {
    requestId: text.slice(0, at),
    traceId: text.slice(at + 1, dash === -1 ? undefined : dash),
    spanId: dash === -1 ? undefined : text.slice(dash + 1),
  };
}

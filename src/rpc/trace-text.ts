/**
 * How a session's request is named in the frame that opens it (docs/protocol.md): `<requestId>`, and where
 * the request has a trace `<requestId>\n<trace id>[-<span id>[-<flags>]]`, as in W3C's `traceparent`. Flags
 * "01": calls are recorded, as children of the span. "00": they are not, the span id is "" then or one that
 * streaming tails know.
 */
import type { SpanRef, TraceInfo } from "./contract.ts";

type TraceNames = Pick<TraceInfo, "requestId" | "traceId" | "spanId" | "sampled">;

/**
 * Of one end of a link. Calls of one request come one after the other, and a text of two parts that is
 * built, cut and hashed anew for each of them costs as much as a third of the call: the last is kept.
 */
export class TraceTexts {
  #requestId = "";
  #traceId: string | undefined;
  #written = "";
  #read: { readonly names: TraceNames; readonly text: string } | undefined;

  /** `span`: of the question that opens the session, where somebody hears of it. */
  write(names: TraceNames, span: SpanRef | undefined): string {
    const { requestId, sampled } = names;
    const traceId = span?.traceId ?? names.traceId;
    if (traceId === undefined) return requestId;
    if (this.#traceId !== traceId || this.#requestId !== requestId) {
      this.#requestId = requestId;
      this.#traceId = traceId;
      this.#written = `${requestId}\n${traceId}`;
    }
    const text = this.#written;
    if (sampled === undefined) return span === undefined ? text : `${text}-${span.spanId}`;
    return `${text}-${span?.spanId ?? ""}-${sampled ? "01" : "00"}`;
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
  if (at === -1) {
    return { requestId: text, traceId: undefined, spanId: undefined, sampled: undefined };
  }
  const requestId = text.slice(0, at);
  const idEnd = text.indexOf("-", at);
  if (idEnd === -1) {
    return { requestId, traceId: text.slice(at + 1), spanId: undefined, sampled: undefined };
  }
  const spanEnd = text.indexOf("-", idEnd + 1);
  const spanId = spanEnd === -1 ? text.slice(idEnd + 1) : text.slice(idEnd + 1, spanEnd);
  return {
    requestId,
    traceId: text.slice(at + 1, idEnd),
    spanId: spanId === "" ? undefined : spanId,
    sampled: spanEnd === -1 ? undefined : text.slice(spanEnd + 1) === "01",
  };
}

/** The lines of `text/event-stream` as the standard parses them; used by event-source.ts. */

export interface ServerEvent {
  /** Of the `event` field; "message" without. */
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

export class EventStreamParser {
  #rest = "";
  /** The last character was a CR: an LF that follows belongs to it. */
  #endsInCr = false;
  #isFirst = true;
  #type = "";
  #data: string[] = [];
  #id = "";
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onRetry: (milliseconds: number) => void;

  constructor(onEvent: (event: ServerEvent) => void, onRetry: (milliseconds: number) => void) {
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  /** `id` of the last event that had one; stays over reconnections. */
  get lastEventId(): string {
    return this.#id;
  }

  /** Another piece of the stream, decoded. An event that has no end by the end of it is dropped. */
  push(piece: string): void {
    let text = piece;
    if (this.#isFirst && text !== "") {
      this.#isFirst = false;
      if (text.startsWith("\ufeff")) text = text.slice(1);
    }
    if (this.#endsInCr && text.startsWith("\n")) text = text.slice(1);
    if (piece !== "") this.#endsInCr = piece.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** The connection begins anew. */
  reset(): void {
    this.#rest = "";
    this.#endsInCr = false;
    this.#isFirst = true;
    this.#type = "";
    this.#data = [];
  }

  #line(line: string): void {
    if (line === "") {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#type = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.#onRetry(Number(value));
  }

  #dispatch(): void {
    const data = this.#data.join("\n");
    const type = this.#type || "message";
    this.#type = "";
    this.#data = [];
    if (data !== "") this.#onEvent({ type, data, lastEventId: this.#id });
  }
}

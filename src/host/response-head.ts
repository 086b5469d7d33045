/**
 * Turns the header string of a Worker's response into the flat list that ServerResponse.writeHead
 * takes. Called once per response by exchange.ts.
 */

export interface ResponseHead {
  /** Flat name, value list without framing headers: those are the front door's business. */
  readonly fields: string[];
  /** The Worker's own Content-Length, "" if none: meaningful for HEAD only. */
  readonly contentLength: string;
  /** What the Worker adds to the request's log line, "" if nothing: no client sees that header. */
  readonly note: string;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Drops Connection, Keep-Alive, Transfer-Encoding and Content-Length; other values are UTF-8. */
export function readResponseHead(headers: string): ResponseHead {
  if (headers === "") return { fields: [], contentLength: "", note: "" };
  // Node writes header text as Latin-1: put the UTF-8 bytes of anything else in that form.
  const text = BEYOND_ASCII.test(headers)
    ? Buffer.from(headers, "utf8").toString("latin1")
    : headers;
  const fields = text.split("\n");
  let contentLength = "";
  let note = "";
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const { length } = name;
    if (length !== 10 && length !== 14 && length !== 17 && length !== 28) continue;
    switch (name.toLowerCase()) {
      case "content-length":
        contentLength = fields[i + 1] as string;
        break;
      case "x-mf-additional-response-log":
        note = fields[i + 1] as string;
        break;
      case "connection":
      case "keep-alive":
      case "transfer-encoding":
        break;
      default:
        continue;
    }
    fields.splice(i, 2);
    i -= 2;
  }
  return { fields, contentLength, note };
}

/** All values of Content-Type; `headers`: names and values, a line each. */
export function contentTypeOf(headers: string): string {
  const lines = headers.split("\n");
  const values = lines.filter(
    (_line, index) => lines[index - 1]?.toLowerCase() === "content-type" && index % 2 === 1,
  );
  return values.join(", ");
}

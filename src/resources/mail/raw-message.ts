/**
 * The raw form of messages: read from what a Worker gives, and its headers changed in place. Bytes stay
 * what they are: texts here are latin1, one character a byte. Storage thread; used by its neighbours.
 */
import { streamPlatform } from "../../web/streams/platform.ts";
import { readChunks } from "../streams.ts";

/** What stands behind the headers, the empty line included. */
const BODY = /\r?\n\r?\n/;

/** `value`: the third argument of EmailMessage, which checks nothing. */
export async function readRaw(value: unknown): Promise<Buffer> {
  if (typeof value === "object" && value !== null && streamPlatform.isReadable(value)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readChunks(value)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (value instanceof ArrayBuffer) return Buffer.from(new Uint8Array(value));
  return Buffer.from(String(value));
}

/** With all headers of that name, and the lines that continue them, taken out. */
export function withoutHeader(raw: Buffer, name: string): Buffer {
  return changeHead(raw, (head) => head.replace(headerLines(name), ""));
}

/** The first header of that name gets the value; without one it becomes the first line. */
export function withHeader(raw: Buffer, name: string, value: string): Buffer {
  return changeHead(raw, (head) => {
    const [found] = headerLines(name).exec(head) ?? [];
    if (found === undefined) return `${name}: ${value}\r\n${head}`;
    const [own = name] = found.split(":", 1);
    const end = /\r?\n$/.exec(found)?.[0] ?? "";
    return head.replace(found, () => `${own}: ${value}${end}`);
  });
}

function changeHead(raw: Buffer, change: (head: string) => string): Buffer {
  const text = raw.toString("latin1");
  const end = text.search(BODY);
  // Its last line keeps its end.
  const cut = end === -1 ? text.length : text.indexOf("\n", end) + 1;
  return Buffer.from(change(text.slice(0, cut)) + text.slice(cut), "latin1");
}

function headerLines(name: string): RegExp {
  return new RegExp(`^${name}[ \\t]*:.*(?:\\r?\\n[ \\t].*)*(?:\\r?\\n|$)`, "gim");
}

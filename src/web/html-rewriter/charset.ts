/**
 * Documents in other encodings than UTF-8, which is all that the parser takes: decoded before it and
 * encoded again after it, for documents whose Content-Type names a charset (spec/platform.md 12.1).
 * Characters that the charset lacks become numeric references.
 */
import { concatBytes } from "../../util/bytes.ts";
import { TextDecoder } from "../encoding/text-decoder.ts";
import { parserError } from "./token-state.ts";

export interface Transcoding {
  /** To UTF-8. `isLast`: nothing follows. */
  decode(bytes: Uint8Array, isLast: boolean): Uint8Array;
  /** From UTF-8. */
  encode(bytes: Uint8Array): Uint8Array;
}

const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]+))/i;
/** Their bytes below 0x80 are not ASCII's. */
const NOT_ASCII = new Set(["utf-16le", "utf-16be", "iso-2022-jp"]);

/** Undefined for UTF-8. Throws TypeError for what cannot be rewritten. */
export function transcodingOf(contentType: string | null): Transcoding | undefined {
  const match = CHARSET.exec(contentType ?? "");
  const label = match?.[1] ?? match?.[2];
  if (label === undefined) return undefined;
  const decoder = decoderOf(label);
  const { encoding } = decoder;
  if (encoding === "utf-8") return undefined;
  if (NOT_ASCII.has(encoding)) throw parserError("Expected ASCII-compatible encoding.");
  const encoder = new TextEncoder();
  const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const table = encodingTable(encoding);
  return {
    decode: (bytes, isLast) => encoder.encode(decoder.decode(bytes, { stream: !isLast })),
    encode: (bytes) => encodeText(fromUtf8.decode(bytes, { stream: true }), table),
  };
}

function decoderOf(label: string) {
  try {
    return new TextDecoder(label, { ignoreBOM: true });
  } catch {
    throw parserError("Unknown character encoding has been provided.");
  }
}

type Table = ReadonlyMap<string, Uint8Array>;
const tables: Map<string, Table> = new Map();

/** Which bytes stand for each character beyond ASCII: asked of the decoder, once per encoding. */
function encodingTable(encoding: string): Table {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  const table = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array): boolean => {
    const text = decoder.decode(bytes);
    if (text.includes("\ufffd") || text.codePointAt(0) === undefined) return false;
    if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    return true;
  };
  for (let lead = 0x80; lead <= 0xff; lead += 1) {
    if (add(Uint8Array.of(lead))) continue;
    for (let trail = 0x30; trail <= 0xfe; trail += 1) add(Uint8Array.of(lead, trail));
  }
  tables.set(encoding, table);
  return table;
}

function encodeText(text: string, table: Table): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const [run] of text.matchAll(/[\0-\x7f]+|[^\0-\x7f]/gu)) {
    const isAscii = run.charCodeAt(0) < 0x80;
    const bytes = isAscii
      ? Buffer.from(run, "latin1")
      : (table.get(run) ?? Buffer.from(`&#${run.codePointAt(0)};`));
    parts.push(bytes);
    size += bytes.byteLength;
  }
  return concatBytes(parts, size);
}

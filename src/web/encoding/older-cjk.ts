/**
 * CJK encodings before `text_decoder_cjk_decoder` (2026-03-03), when production decoded them with ICU: the same characters,
 * but for those named here, and another idea of where the next one begins after a wrong byte. Found by asking the
 * real runtime for all pairs of bytes (test/parity/encodings). Used by text-decoder.ts.
 */
import { concatBytes } from "../../util/bytes.ts";
import type { Decode, LegacyTables } from "./legacy-tables.ts";

/** How many bytes belong together, and what they are if it is not what they are today. `length` 0: some are missing. */
interface Step {
  readonly length: number;
  readonly text?: string;
}

type Scan = (bytes: Uint8Array, at: number) => Step;

const WRONG = "\ufffd";
const ENOUGH: readonly Step[] = [0, 1, 2, 3, 4].map((length) => ({ length }));
const step = (length: number): Step => ENOUGH[length] as Step;
/** One wrong byte; the next one begins something. */
const ALONE: Step = { length: 1, text: WRONG };
const PAIR: Step = { length: 2, text: WRONG };

/** Private characters that GB 18030-2022 gave others to. */
const PRIVATE: ReadonlyMap<number, string> = new Map(
  (
    "a6d9 e78d a6da e78e a6db e78f a6dc e790 a6dd e791 a6de e792 a6df e793 a6ec e794 a6ed e795 a6f3 e796 fe59 e81e fe61 e826 " +
    "fe66 e82b fe67 e82c fe6d e832 fe7e e843 fe90 e854 fea0 e864"
  )
    .match(/\w+ \w+/g)
    ?.map((pair) => {
      const [bytes = "", code = ""] = pair.split(" ");
      return [Number.parseInt(bytes, 16), String.fromCharCode(Number.parseInt(code, 16))];
    }),
);

const isWithin = (byte: number, first: number, last: number): boolean =>
  byte >= first && byte <= last;

/** Bytes beyond the end are undefined. */
function scanGb(bytes: Uint8Array, at: number): Step {
  const lead = bytes[at] ?? 0;
  if (lead === 0x80) return ALONE;
  if (lead < 0x80 || lead === 0xff) return step(1);
  const second = bytes[at + 1];
  if (second === undefined) return step(0);
  if (!isWithin(second, 0x30, 0x39)) {
    const text = PRIVATE.get((lead << 8) | second);
    return text === undefined ? step(2) : { length: 2, text };
  }
  const third = bytes[at + 2];
  if (third === undefined) return step(0);
  if (!isWithin(third, 0x81, 0xfe)) return ALONE;
  const fourth = bytes[at + 3];
  if (fourth === undefined) return step(0);
  return isWithin(fourth, 0x30, 0x39) ? step(4) : ALONE;
}

function scanBig5(bytes: Uint8Array, at: number): Step {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return step(1);
  if (lead < 0x87 || lead === 0xff) return ALONE;
  const trail = bytes[at + 1];
  if (trail === undefined) return step(0);
  return isWithin(trail, 0x87, 0xa0) ? ALONE : step(2);
}

function scanEucJp(bytes: Uint8Array, at: number): Step {
  const lead = bytes[at] ?? 0;
  const isLead = lead === 0x8e || lead === 0x8f || isWithin(lead, 0xa1, 0xfe);
  if (!isLead) return step(1);
  const second = bytes[at + 1];
  if (second === undefined) return step(0);
  if (second === 0x8e || second === 0x8f) return ALONE;
  if (lead === 0x8e && isWithin(second, 0xe0, 0xfe)) return ALONE;
  if (lead !== 0x8f || !isWithin(second, 0xa1, 0xfe)) return step(2);
  const third = bytes[at + 2];
  if (third === undefined) return step(0);
  return isWithin(third, 0xa1, 0xfe) ? step(3) : ALONE;
}

function scanShiftJis(bytes: Uint8Array, at: number): Step {
  const lead = bytes[at] ?? 0;
  if (!isWithin(lead, 0x81, 0x9f) && !isWithin(lead, 0xe0, 0xfc)) return step(1);
  const trail = bytes[at + 1];
  if (trail === undefined) return step(0);
  if (lead === 0x87 && trail === 0x5e) return PAIR;
  if (lead !== 0xf9) return step(2);
  if (isWithin(trail, 0x40, 0x7e)) return ALONE;
  return isWithin(trail, 0x80, 0xfc) ? PAIR : step(2);
}

const SCANS: Readonly<Record<string, Scan>> = {
  big5: scanBig5,
  "euc-jp": scanEucJp,
  gb18030: scanGb,
  gbk: scanGb,
  shift_jis: scanShiftJis,
};

export function createOlderDecoder(
  tables: LegacyTables,
  encoding: string,
  isLoose: boolean,
): Decode {
  if (encoding === "iso-2022-jp") return createIsoDecoder(isLoose);
  const decode = tables.createMultibyteDecoder(encoding, isLoose);
  // That of euc-kr has not changed.
  const scan = SCANS[encoding];
  return scan === undefined ? decode : createScanningDecoder(decode, scan, isLoose);
}

/**
 * Its escape sequences are ICU's; Node's own decoder is the same in every version. One that is cut is held back: of its rest
 * Node would have no room for the characters.
 */
function createIsoDecoder(isLoose: boolean): Decode {
  const decoder = new TextDecoder("iso-2022-jp", { fatal: !isLoose });
  let held: Uint8Array = new Uint8Array();
  return (given, stream) => {
    const bytes = joined(held, given);
    const tail = Buffer.from(bytes.slice(-LONGEST_CUT)).toString("latin1");
    const cut = stream ? (CUT_ESCAPE.exec(tail)?.[0].length ?? 0) : 0;
    const end = bytes.length - cut;
    held = bytes.slice(end);
    return decoder.decode(bytes.subarray(0, end), { stream });
  };
}

const LONGEST_CUT = 3;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins them.
const CUT_ESCAPE = /\x1b(?:[$(&.%]|\$\()?$/;

function joined(held: Uint8Array, given: Uint8Array): Uint8Array {
  return held.length === 0 ? given : concatBytes([held, given], held.length + given.length);
}

/** What is as today goes to `decode` in runs that begin and end between characters. */
function createScanningDecoder(decode: Decode, scan: Scan, isLoose: boolean): Decode {
  let held: Uint8Array = new Uint8Array();
  return (given, stream) => {
    const bytes = joined(held, given);
    held = new Uint8Array();
    let text = "";
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      const { length, text: own } = scan(bytes, at);
      if (length === 0) break;
      if (own !== undefined) {
        if (own === WRONG && !isLoose) throw new TypeError("Failed to decode input.");
        if (at > from) text += decode(bytes.subarray(from, at), false);
        text += own;
        from = at + length;
      }
      at += length;
    }
    if (at > from) text += decode(bytes.subarray(from, at), false);
    if (at === bytes.length) return text;
    if (!stream) return text + decode(bytes.subarray(at), false);
    held = bytes.slice(at);
    return text;
  };
}

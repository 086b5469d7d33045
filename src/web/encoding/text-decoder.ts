/**
 * TextDecoder (spec/platform.md 2.9). UTF-8 and UTF-16 are Node's; what came before them is legacy-tables.ts, and before
 * `text_decoder_cjk_decoder` older-cjk.ts. Thread: the Worker's.
 */
import { httpCompat } from "../compat.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import {
  illegalInvocation,
  isObject,
  wrongConstructorParameter,
  wrongParameter,
} from "../streams/arguments.ts";
import { type Decode, legacyTables } from "./legacy-tables.ts";
import { createOlderDecoder } from "./older-cjk.ts";

const NativeDecoder = TextDecoder;

type Native = InstanceType<typeof NativeDecoder>;

/** Labels for which no table need be read. */
const OFTEN: ReadonlyMap<string, string> = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["UTF-8", "utf-8"],
  ["utf-16", "utf-16le"],
  ["utf-16le", "utf-16le"],
  ["utf-16be", "utf-16be"],
]);

class PlatformTextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  readonly #native: Native | undefined;
  readonly #legacy: Decode | undefined;
  /** Bytes of UTF-16 that begin something which later ones end. */
  #pending = 0;

  constructor(label?: unknown, options?: unknown) {
    if (options !== undefined && options !== null && !isObject(options)) {
      throw wrongConstructorParameter("TextDecoder", 2, "ConstructorOptions");
    }
    const name = label === undefined ? "utf-8" : `${label}`;
    this.#encoding = encodingOf(name);
    const fatal = Boolean(isObject(options) && Reflect.get(options, "fatal"));
    const ignoreBOM = Boolean(isObject(options) && Reflect.get(options, "ignoreBOM"));
    this.#fatal = fatal;
    this.#ignoreBOM = ignoreBOM;
    if (this.#encoding.startsWith("utf-")) {
      this.#native = new NativeDecoder(this.#encoding, { fatal, ignoreBOM });
    } else {
      this.#legacy = createLegacyDecoder(this.#encoding, !fatal);
    }
  }

  static #of(self: unknown): PlatformTextDecoder {
    if (typeof self !== "object" || self === null || !(#encoding in self))
      throw illegalInvocation();
    return self;
  }

  get encoding(): string {
    return PlatformTextDecoder.#of(this).#encoding;
  }

  get fatal(): boolean {
    return PlatformTextDecoder.#of(this).#fatal;
  }

  get ignoreBOM(): boolean {
    return PlatformTextDecoder.#of(this).#ignoreBOM;
  }

  decode(input?: unknown, options?: unknown): string {
    const self = PlatformTextDecoder.#of(this);
    if (input !== undefined && !isBytes(input)) {
      throw wrongParameter("decode", "TextDecoder", 1, "Array");
    }
    if (options !== undefined && options !== null && typeof options !== "object") {
      throw wrongParameter("decode", "TextDecoder", 2, "DecodeOptions");
    }
    const stream = Boolean(isObject(options) && Reflect.get(options, "stream"));
    try {
      if (self.#legacy !== undefined) return self.#legacy(bytesOf(input), stream);
      if (self.#encoding === "utf-16le" && !httpCompat().replacesSurrogates) {
        return self.#decodeUnits(bytesOf(input), stream);
      }
      return self.#native?.decode(input as Uint8Array, stream ? { stream } : undefined) ?? "";
    } catch {
      throw new TypeError("Failed to decode input.");
    }
  }

  /** Before `text_decoder_replace_surrogates`: lone surrogates pass where bytes are not cut, in fatal decoders too. */
  #decodeUnits(bytes: Uint8Array, stream: boolean): string {
    const last = bytes.at(-1) ?? 0;
    const isCut = (this.#pending + bytes.length) % 2 !== 0 || (stream && isLeadSurrogate(last));
    if (this.#pending === 0 && !isCut && bytes.length > 0) {
      const text = Buffer.from(bytes).toString("utf16le");
      return text.startsWith("\ufeff") && !this.#ignoreBOM ? text.slice(1) : text;
    }
    this.#pending = stream && isCut ? this.#pending + bytes.length : 0;
    return this.#native?.decode(bytes, { stream }) ?? "";
  }
}
defineInterface(PlatformTextDecoder, "TextDecoder");

export { PlatformTextDecoder as TextDecoder };

function isLeadSurrogate(highByte: number): boolean {
  return (highByte & 0xfc) === 0xd8;
}

function encodingOf(label: string): string {
  const encoding = OFTEN.get(label) ?? legacyTables().normalizeEncoding(label);
  if (encoding !== null && encoding !== "replacement") return encoding;
  throw new RangeError(`"${label}" is not a valid encoding.`);
}

function createLegacyDecoder(encoding: string, isLoose: boolean): Decode {
  const tables = legacyTables();
  if (!tables.isMultibyte(encoding)) return tables.createSinglebyteDecoder(encoding, isLoose);
  if (httpCompat().standardCjk) return tables.createMultibyteDecoder(encoding, isLoose);
  return createOlderDecoder(tables, encoding, isLoose);
}

function isBytes(value: unknown): value is ArrayBufferLike | ArrayBufferView {
  return (
    ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
  );
}

const NONE = new Uint8Array();

/** None of a buffer that was handed over. */
function bytesOf(input: ArrayBufferLike | ArrayBufferView | undefined): Uint8Array {
  if (input === undefined || input.byteLength === 0) return NONE;
  if (!ArrayBuffer.isView(input)) return new Uint8Array(input);
  return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
}

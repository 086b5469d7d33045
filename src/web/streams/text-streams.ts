/** TextEncoderStream and TextDecoderStream. */

import { TextDecoder } from "../encoding/text-decoder.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { dictionary, illegalInvocation, wrongConstructorParameter } from "./arguments.ts";
import { streamCompat } from "./core/compat.ts";
import { type TransformAlgorithms, TransformCore } from "./core/transform.ts";
import { Sides, TransformStream } from "./transform-stream.ts";

const NOT_BUFFER =
  "This TransformStream is being used as a byte stream, but received a value that is not a BufferSource.";

type Decoder = InstanceType<typeof TextDecoder>;

const encoder = new TextEncoder();
const HIGH_SURROGATE = /[\ud800-\udbff]$/;

/** A transform of the runtime; `algorithms` gets its core to enqueue to. */
function textSides(algorithms: (core: () => TransformCore) => TransformAlgorithms): Sides {
  const held = streamCompat().encoderBackpressure ? 0 : 1;
  const core: TransformCore = new TransformCore(
    algorithms(() => core),
    { highWaterMark: held },
    { highWaterMark: 1 },
  );
  core.begin();
  return new Sides(core.readable, core.writable);
}

export class TextEncoderStream extends TransformStream {
  readonly #isOne = true;

  constructor() {
    super(textSides(encoding));
  }

  get encoding(): string {
    if (typeof this !== "object" || !(#isOne in this)) throw illegalInvocation();
    return "utf-8";
  }
}
defineInterface(TextEncoderStream, "TextEncoderStream");

function encoding(core: () => TransformCore): TransformAlgorithms {
  /** The first half of a character that the next chunk may complete. */
  let half = "";
  return {
    start: undefined,
    transform(chunk) {
      // Not String(): that takes symbols.
      const text = `${half}${chunk as string}`;
      half = HIGH_SURROGATE.test(text) ? text.slice(-1) : "";
      const bytes = encoder.encode(half === "" ? text : text.slice(0, -1));
      if (bytes.byteLength > 0) core().enqueue(bytes);
      return undefined;
    },
    flush() {
      if (half !== "") core().enqueue(encoder.encode(half));
    },
    cancel: undefined,
  };
}

export class TextDecoderStream extends TransformStream {
  readonly #decoder: Decoder;

  constructor(label: unknown = "utf-8", options?: unknown) {
    const decoder = decoderOf(label, options);
    super(textSides((core) => decoding(decoder, core)));
    this.#decoder = decoder;
  }

  static #of(self: TextDecoderStream): Decoder {
    if (typeof self !== "object" || self === null || !(#decoder in self)) throw illegalInvocation();
    return self.#decoder;
  }

  get encoding(): string {
    return TextDecoderStream.#of(this).encoding;
  }

  get fatal(): boolean {
    return TextDecoderStream.#of(this).fatal;
  }

  get ignoreBOM(): boolean {
    return TextDecoderStream.#of(this).ignoreBOM;
  }
}
defineInterface(TextDecoderStream, "TextDecoderStream");

function decoderOf(label: unknown, options: unknown): Decoder {
  const given = dictionary(options, () =>
    wrongConstructorParameter("TextDecoderStream", 2, "TextDecoderStreamInit"),
  );
  const fatal = Boolean(Reflect.get(given, "fatal"));
  const ignoreBOM = Boolean(Reflect.get(given, "ignoreBOM"));
  const name = `${label as string}`;
  try {
    return new TextDecoder(name, { fatal, ignoreBOM });
  } catch {
    throw new RangeError(`"${name}" is not a valid encoding.`);
  }
}

function bufferSource(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer) {
    return new Uint8Array(chunk);
  }
  throw new TypeError(NOT_BUFFER);
}

function decoding(decoder: Decoder, core: () => TransformCore): TransformAlgorithms {
  const decode = (bytes?: Uint8Array): void => {
    let text: string;
    try {
      text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new TypeError("Failed to decode input.");
    }
    if (text !== "") core().enqueue(text);
  };
  return {
    start: undefined,
    transform(chunk) {
      decode(bufferSource(chunk));
      return undefined;
    },
    flush: () => decode(),
    cancel: undefined,
  };
}

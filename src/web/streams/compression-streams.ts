/** CompressionStream and DecompressionStream. */

import { defineInterface } from "../interfaces/define-interface.ts";
import { wrongConstructorParameter } from "./arguments.ts";
import { CodecPipe } from "./core/codec-pipe.ts";
import { currentOwner } from "./ownership.ts";
import { Sides, TransformStream } from "./transform-stream.ts";
import { createDecoder, createEncoder, type Format } from "./zlib-codec.ts";

function formatOf(format: unknown, className: string): Format {
  if (format === undefined) throw wrongConstructorParameter(className, 1, "string");
  const name = `${format as string}`;
  if (name === "gzip" || name === "deflate" || name === "deflate-raw") return name;
  throw new TypeError("The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.");
}

function sidesOf(pipe: CodecPipe): Sides {
  const owner = currentOwner();
  pipe.readable.owner = owner;
  pipe.writable.owner = owner;
  return new Sides(pipe.readable, pipe.writable);
}

export class CompressionStream extends TransformStream {
  constructor(format?: unknown) {
    const name = formatOf(format, "CompressionStream");
    super(sidesOf(new CodecPipe((listener) => createEncoder(name, listener))));
  }
}
defineInterface(CompressionStream, "CompressionStream");

export class DecompressionStream extends TransformStream {
  constructor(format?: unknown) {
    const name = formatOf(format, "DecompressionStream");
    super(sidesOf(new CodecPipe((listener) => createDecoder(name, listener))));
  }
}
defineInterface(DecompressionStream, "DecompressionStream");

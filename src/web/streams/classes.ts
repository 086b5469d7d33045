/** The stream classes of the Workers API by their global name. */
import { CompressionStream, DecompressionStream } from "./compression-streams.ts";
import { FixedLengthStream, IdentityTransformStream } from "./identity-transform-stream.ts";
import {
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
} from "./readable-controllers.ts";
import { ReadableStream } from "./readable-stream.ts";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "./readers.ts";
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from "./strategies.ts";
import { TextDecoderStream, TextEncoderStream } from "./text-streams.ts";
import { TransformStream, TransformStreamDefaultController } from "./transform-stream.ts";
import {
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "./writable-stream.ts";

export const streamClasses: Readonly<Record<string, unknown>> = {
  ByteLengthQueuingStrategy,
  CompressionStream,
  CountQueuingStrategy,
  DecompressionStream,
  FixedLengthStream,
  IdentityTransformStream,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TextDecoderStream,
  TextEncoderStream,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

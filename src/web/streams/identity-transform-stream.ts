/** IdentityTransformStream and FixedLengthStream: pipes of bytes in memory. */

import { isOf } from "../../util/thrown.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { dictionary, unsigned, wrongConstructorParameter } from "./arguments.ts";
import { IdentityPipe } from "./core/identity.ts";
import { currentOwner } from "./ownership.ts";
import { Sides, TransformStream } from "./transform-stream.ts";

/** Above it numbers are not exact. */
const MAX_LENGTH = 2 ** 53;

export class IdentityTransformStream extends TransformStream {
  /** Of user code: a queuing strategy; of the runtime: the ends. */
  constructor(options?: unknown) {
    super(options instanceof Sides ? options : sidesOf(options, -1, "IdentityTransformStream", 1));
  }
}
defineInterface(IdentityTransformStream, "IdentityTransformStream");

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength?: unknown, options?: unknown) {
    // biome-ignore lint/complexity/noArguments: an undefined length is no integer, an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter("FixedLengthStream", 1, "bigint");
    const length = unsigned(expectedLength);
    if (length >= MAX_LENGTH) {
      throw new TypeError("FixedLengthStream requires an integer expected length less than 2^53.");
    }
    super(sidesOf(options, length, "FixedLengthStream", 2));
  }
}
defineInterface(FixedLengthStream, "FixedLengthStream");

function sidesOf(options: unknown, length: number, className: string, index: number): Sides {
  const owner = currentOwner();
  const given = dictionary(options, () =>
    wrongConstructorParameter(className, index, "QueuingStrategy"),
  );
  const highWaterMark: unknown = Reflect.get(given, "highWaterMark");
  const pipe = new IdentityPipe(
    length,
    highWaterMark === undefined ? {} : { highWaterMark: unsigned(highWaterMark) },
    { aborted: connectionLost, cancelled: errorOf },
  );
  pipe.readable.owner = owner;
  pipe.writable.owner = owner;
  return new Sides(pipe.readable, pipe.writable);
}

function connectionLost(): Error {
  return Object.assign(new Error("Network connection lost."), { retryable: true });
}

/** Writers hear an Error, whatever the reader gave. */
function errorOf(reason: unknown): Error {
  if (isOf(reason, Error)) return reason;
  return new Error(reason === undefined ? "Stream was cancelled." : String(reason));
}

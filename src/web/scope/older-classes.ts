/**
 * What older dates and flags take from the API classes (spec/rpc.md 9; asked of the real runtime).
 * Workers with such a date see these instead of the classes of today; the runtime itself goes on
 * using those.
 */
import { Headers } from "../http/headers.ts";
import { IdentityTransformStream } from "../streams/identity-transform-stream.ts";
import { ReadableStream } from "../streams/readable-stream.ts";
import { WritableStream } from "../streams/writable-stream.ts";
import { URLPattern } from "./url-pattern.ts";

const CONTROLLERS = [
  "ReadableStreamDefaultController",
  "ReadableByteStreamController",
  "ReadableStreamBYOBRequest",
  "WritableStreamDefaultController",
  "TransformStreamDefaultController",
];

/** Replaces or removes what is in `classes`, by global name, as the flags in `compat` say. */
export function replaceOlderClasses(
  compat: Readonly<Record<string, boolean>>,
  classes: Record<string, unknown>,
): void {
  if (!compat.streams_enable_constructors) {
    for (const name of CONTROLLERS) delete classes[name];
    classes.ReadableStream = withoutConstructor(ReadableStream);
    classes.WritableStream = withoutConstructor(WritableStream);
  }
  if (!compat.transformstream_enable_standard_constructor) {
    classes.TransformStream = ByteTransformStream;
  }
  if (!compat.expose_global_message_channel) {
    delete classes.MessageChannel;
    delete classes.MessagePort;
  }
  if (!compat.urlpattern_standard) {
    Reflect.deleteProperty(URLPattern.prototype, "hasRegExpGroups");
  }
  if (!compat.global_navigator) delete classes.Navigator;
  if (!compat.http_headers_getsetcookie) {
    Reflect.deleteProperty(Headers.prototype, "getSetCookie");
  }
}

/** What the platform made is an instance of it. */
function withoutConstructor(cls: { readonly name: string; readonly prototype: object }): unknown {
  const { name, prototype } = cls;
  function refuse(): never {
    throw new Error(
      `To use the new ${name}() constructor, enable the streams_enable_constructors compatibility flag. Refer to the docs for more information: https://developers.cloudflare.com/workers/platform/compatibility-dates/#compatibility-flags`,
    );
  }
  Object.defineProperty(refuse, "name", { value: name });
  refuse.prototype = prototype;
  Object.defineProperty(prototype, "constructor", { value: refuse });
  return refuse;
}

/** Passes bytes through, whatever transformer it is given. */
class ByteTransformStream extends IdentityTransformStream {
  constructor() {
    super(undefined);
  }
}
Object.defineProperty(ByteTransformStream, "name", { value: "TransformStream" });

/**
 * What older dates and flags take from the API classes (spec/rpc.md 9; asked of the real runtime).
 * Workers with such a date see these instead of the classes of today; the runtime itself goes on
 * using those.
 */
import { overwrite } from "../../isolate/language/polyfill-define.ts";
import { useSearchParams } from "../http/body-source.ts";
import { Headers } from "../http/headers.ts";
import { Request } from "../http/request.ts";
import { dropTags } from "../interfaces/define-interface.ts";
import { type AnyClass, calledWithoutNew } from "../interfaces/outside.ts";
import { giveOwnAccessors, useOwnAccessors } from "../interfaces/own-accessors.ts";
import { legacyUrlClasses } from "../legacy-url/url.ts";
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
  if (!compat.url_standard) {
    const legacy = legacyUrlClasses();
    Object.assign(classes, legacy);
    useSearchParams(legacy.URLSearchParams);
  }
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
  if (!compat.cache_option_enabled) Reflect.deleteProperty(Request.prototype, "cache");
  if (!compat.urlsearchparams_delete_has_value_arg) ignoreValues();
  if (!compat.workers_api_getters_setters_on_prototype) {
    useOwnAccessors();
    for (const name of ["TextDecoder", "TextEncoder", "URL"]) {
      classes[name] = givingOwnAccessors(classes[name] as AnyClass);
    }
  }
  if (!compat.set_tostring_tag) dropTags();
  if (!compat.global_navigator) delete classes.Navigator;
  if (!compat.http_headers_getsetcookie) {
    Reflect.deleteProperty(Headers.prototype, "getSetCookie");
  }
}

/** The constructor of a class of Node's. */
function givingOwnAccessors(cls: AnyClass): AnyClass {
  function Interface(...args: unknown[]): object {
    if (new.target === undefined) throw calledWithoutNew(cls.name);
    const target = new.target === Interface ? cls : new.target;
    const made = Reflect.construct(cls, args, target) as object;
    giveOwnAccessors?.(made);
    return made;
  }
  for (const key of Reflect.ownKeys(cls)) {
    const descriptor = Object.getOwnPropertyDescriptor(cls, key);
    if (descriptor !== undefined) Object.defineProperty(Interface, key, descriptor);
  }
  Object.defineProperty(cls.prototype, "constructor", {
    value: Interface,
    writable: true,
    configurable: true,
  });
  return Interface;
}

/** `has` and `delete` look at names only. */
function ignoreValues(): void {
  const prototype = URLSearchParams.prototype;
  const { has, delete: remove } = prototype;
  overwrite(prototype, {
    has(this: URLSearchParams, ...args: unknown[]): unknown {
      return Reflect.apply(has, this, args.slice(0, 1));
    },
    delete(this: URLSearchParams, ...args: unknown[]): unknown {
      return Reflect.apply(remove, this, args.slice(0, 1));
    },
  });
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

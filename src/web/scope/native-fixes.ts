/**
 * Where Node's own web classes differ from production's in ways that Worker code sees: patched on
 * the classes themselves, once, before user code runs. Nothing that the runtime relies on changes.
 */
import { overwrite } from "../../isolate/language/polyfill-define.ts";
import { iterateEntries, iterateKeys, iterateValues } from "../interfaces/iterators.ts";
import { wrongParameter } from "../streams/arguments.ts";
import { shapeNatives } from "./native-interfaces.ts";

export function fixNatives(): void {
  fixUrls();
  fixSearchParams();
  fixTextEncoder();
  shapeNatives();
}

/** Put a setter over a native one. */
function overSetter(
  prototype: object,
  name: string,
  set: (native: (value: unknown) => void, value: unknown) => void,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const native = descriptor?.set;
  if (descriptor === undefined || native === undefined) return;
  Object.defineProperty(prototype, name, {
    ...descriptor,
    set(this: object, value: unknown) {
      set((given) => native.call(this, given), value);
    },
  });
}

/** There are no object URLs in a Worker; what is no URL is told in production's words. */
function fixUrls(): void {
  overwrite(URL, {
    createObjectURL() {
      throw new Error("URL.createObjectURL() is not implemented");
    },
    revokeObjectURL() {
      throw new Error("URL.revokeObjectURL() is not implemented");
    },
  });
  const { canParse } = URL;
  const parse = Reflect.get(URL, "parse") as (...args: unknown[]) => unknown;
  overwrite(URL, {
    canParse(...args: unknown[]): boolean {
      if (args.length === 0) throw wrongParameter("canParse", "URL", 1, "USVString");
      return Reflect.apply(canParse, URL, args) as boolean;
    },
    parse(...args: unknown[]): unknown {
      if (args.length === 0) throw wrongParameter("parse", "URL", 1, "USVString");
      return Reflect.apply(parse, URL, args);
    },
  });
  overSetter(URL.prototype, "href", (native, value) => {
    try {
      native(value);
    } catch {
      throw new TypeError(
        "Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.",
      );
    }
  });
}

/** Iterators as the platform's other classes have them. */
function fixSearchParams(): void {
  const { prototype } = URLSearchParams;
  const { entries } = prototype;
  const over = (params: URLSearchParams): (() => [string, string] | undefined) => {
    const native = entries.call(params);
    return () => {
      const { done, value } = native.next();
      return done === true ? undefined : (value as [string, string]);
    };
  };
  const members = {
    entries(this: URLSearchParams) {
      return iterateEntries(over(this));
    },
    keys(this: URLSearchParams) {
      return iterateKeys(over(this));
    },
    values(this: URLSearchParams) {
      return iterateValues(over(this));
    },
  };
  overwrite(prototype, members);
  Object.defineProperty(prototype, Symbol.iterator, {
    value: { entries: members.entries }.entries,
    writable: true,
    configurable: true,
  });
}

function fixTextEncoder(): void {
  const { encodeInto } = TextEncoder.prototype;
  overwrite(TextEncoder.prototype, {
    encodeInto(this: unknown, source: unknown, target?: unknown): unknown {
      if (!(target instanceof Uint8Array)) {
        throw wrongParameter("encodeInto", "TextEncoder", 2, "Uint8Array");
      }
      return Reflect.apply(encodeInto, this, [`${source}`, target]);
    },
  });
}

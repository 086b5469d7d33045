/**
 * What the constructors of Node's own classes are to say of wrong arguments and of what they cannot read
 * (spec/platform.md 2.8). The rest of their outside is interfaces/outside.ts.
 */
import type { Wording } from "../interfaces/outside.ts";
import { isObject, wrongConstructorParameter } from "../streams/arguments.ts";

export const WORDINGS: Readonly<Record<string, Wording>> = {
  URL: {
    arguments(args) {
      if (args.length === 0) throw wrongConstructorParameter("URL", 1, "USVString");
      return args;
    },
    failure: (error) => (isInvalidUrl(error) ? new TypeError("Invalid URL string.") : error),
  },
  URLSearchParams: {
    arguments: ([init, ...rest]) => (init === null ? ["null", ...rest] : [init, ...rest]),
    failure: (error) =>
      codeOf(error) === "ERR_INVALID_TUPLE"
        ? new TypeError("Invalid URL search params sequence.")
        : error,
  },
};

function isInvalidUrl(error: unknown): boolean {
  return codeOf(error) === "ERR_INVALID_URL";
}

function codeOf(error: unknown): unknown {
  return isObject(error) ? Reflect.get(error, "code") : undefined;
}

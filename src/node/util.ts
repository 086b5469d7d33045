/** `node:util`: what differs from Node's own (spec/node.md 6.3). */
import { inspect, types } from "node:util";
import { logConsole } from "../isolate/log.ts";
import { AbortController } from "../web/events/abort-signal.ts";
import { notImplemented } from "./errors.ts";

type Check = (value: unknown) => boolean;

const isObject: Check = (value) => value !== null && typeof value === "object";

/** Gone from newer versions of Node. */
const CHECKS: Readonly<Record<string, Check>> = {
  isBoolean: (value) => typeof value === "boolean",
  isBuffer: (value) => Buffer.isBuffer(value),
  isDate: (value) => types.isDate(value),
  isError: (value) => types.isNativeError(value) || value instanceof Error,
  isFunction: (value) => typeof value === "function",
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === "number",
  isObject,
  isPrimitive: (value) => !isObject(value) && typeof value !== "function",
  isRegExp: (value) => types.isRegExp(value),
  isString: (value) => typeof value === "string",
  isSymbol: (value) => typeof value === "symbol",
  isUndefined: (value) => value === undefined,
};

export interface UtilOptions {
  /** The Worker's `process.env.NODE_DEBUG`: the host's is none of its business. */
  readonly debugSets: () => string;
  readonly TextDecoder: unknown;
  readonly TextEncoder: unknown;
}

export function utilOverrides(options: UtilOptions): Record<string, unknown> {
  const debuglog = (set: string): object => {
    const name = set.toUpperCase();
    const isOn = (): boolean =>
      options
        .debugSets()
        .toUpperCase()
        .split(/[\s,]+/)
        .includes(name);
    const log = (...args: unknown[]): void => {
      if (isOn()) logConsole("log", `${name}: ${args.map(shown).join(" ")}`);
    };
    return Object.defineProperty(log, "enabled", { get: isOn });
  };
  return {
    ...CHECKS,
    TextDecoder: options.TextDecoder,
    TextEncoder: options.TextEncoder,
    _errnoException: refused("_errnoException"),
    _exceptionWithHostPort: refused("_exceptionWithHostPort"),
    debug: debuglog,
    debuglog,
    getCallSite: callSites,
    getCallSites: callSites,
    log: (...args: unknown[]) => logConsole("log", args.map(shown).join(" ")),
    parseArgs: () => {
      throw new Error("node:util parseArgs is not implemented");
    },
    setTraceSigInt: () => {},
    transferableAbortController: () => new AbortController(),
    transferableAbortSignal: (signal: unknown) => signal,
  };
}

function refused(name: string): () => never {
  return () => {
    throw notImplemented(name);
  };
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}

interface CallSite {
  readonly functionName: string;
  readonly scriptId: string;
  readonly scriptName: string;
  readonly lineNumber: number;
  readonly column: number;
  readonly columnNumber: number;
}

/** Frames of the Worker's own code, as its stacks show them. */
function callSites(count?: unknown): CallSite[] {
  const limit = typeof count === "number" ? count : 8;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, callSites);
  const lines = String(holder.stack).split("\n").slice(1);
  return lines.slice(0, limit).flatMap((line) => {
    const found = /at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/.exec(line);
    if (found === null) return [];
    const [, functionName = "", scriptName = "", row, column] = found;
    const columnNumber = Number(column);
    const lineNumber = Number(row);
    return [
      { functionName, scriptId: "0", scriptName, lineNumber, column: columnNumber, columnNumber },
    ];
  });
}

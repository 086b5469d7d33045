/** Words for what the RPC engine reports; pure. */
import type { RpcReport } from "../../rpc/contract.ts";
import { nearest } from "../../util/nearest.ts";

export interface ReportText {
  readonly level: "warn" | "error";
  readonly text: string;
  /** Said once only under this key. */
  readonly once: string | undefined;
}

type WordedReport = Exclude<RpcReport, { readonly type: "callee-error" | "disposer-error" }>;

export function reportText(report: WordedReport): ReportText {
  switch (report.type) {
    case "leaked-stub":
      return {
        level: "warn",
        text: `An RPC stub was not disposed: ${report.what} of env.${report.binding}${at("created", report.createdAt)}\nDeclare it with \`using\`, or call its [Symbol.dispose]().`,
        once: undefined,
      };
    case "used-after-dispose":
      return {
        level: "warn",
        text: `An RPC stub was used after being disposed: ${report.what}${at("disposed", report.disposedAt)}`,
        once: undefined,
      };
    case "unknown-method":
      return { level: "warn", text: unknownMethod(report), once: undefined };
    case "warning":
      return { level: "warn", text: report.text, once: report.once };
  }
}

/** What every function has. */
const OF_FUNCTIONS: ReadonlySet<string> = new Set(["length", "name", "prototype"]);

function unknownMethod(report: Extract<RpcReport, { readonly type: "unknown-method" }>): string {
  const names = methodsOf(report.target);
  const suggestion = nearest(report.method, names);
  const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
  const list = names.length === 0 ? "no methods" : names.join(", ");
  return `${receiver(report.className, report.isEntrypoint)} has no method "${report.method}".${hint} It has: ${list}.`;
}

/** `className`: "Object" of handler objects and of plain ones, "Function" of functions. */
function receiver(className: string, isEntrypoint: boolean): string {
  const what = isEntrypoint ? "entrypoint" : className === "Function" ? "function" : "object";
  const isPlain = className === "" || className === "Object" || className === "Function";
  return isPlain ? `The ${what}` : `The ${what} "${className}"`;
}

/** Public names on the prototypes (classes), or own ones (plain objects and functions). */
function methodsOf(target: object): string[] {
  const names = new Set<string>();
  try {
    const isFunction = typeof target === "function";
    const isPlain = isFunction || Object.getPrototypeOf(target) === Object.prototype;
    let at: object | null = isPlain ? target : (Object.getPrototypeOf(target) as object | null);
    while (at !== null && at !== Object.prototype) {
      for (const name of Object.getOwnPropertyNames(at)) {
        if (name !== "constructor" && !(isFunction && OF_FUNCTIONS.has(name))) names.add(name);
      }
      at = isPlain ? null : (Object.getPrototypeOf(at) as object | null);
    }
  } catch {
    // A Proxy that refuses to be looked at.
  }
  return [...names];
}

function at(what: string, stack: string): string {
  const frame = stack.split("\n").find((line) => line.trimStart().startsWith("at "));
  return frame === undefined ? "." : ` (${what} ${frame.trim()}).`;
}

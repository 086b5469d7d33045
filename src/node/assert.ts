/**
 * `node:assert`: production has only the strict variant (spec/node.md 6.4). Node's deep comparisons
 * and diffs; everything else is our own, because Node's `ok` reads the caller's source file from the
 * disk, and its `rejects` refuses promises that are functions, as those of RPC are.
 */
import { inspect } from "node:util";
import { nodeAssert } from "../util/late-modules.ts";
import { received } from "./errors.ts";

type Message = string | Error | undefined;
type AnyFunction = (...args: never[]) => unknown;
type Members = Record<string, unknown>;

const strict = (): Record<string, AnyFunction> =>
  nodeAssert().strict as unknown as Record<string, AnyFunction>;

interface Failure {
  readonly actual: unknown;
  readonly expected?: unknown;
  readonly operator: string | undefined;
  readonly message: Message;
  readonly text: string;
  /** Production says so of a few only. */
  readonly isGenerated?: boolean;
  readonly stackStart: AnyFunction;
}

function fails({ actual, expected, operator, message, text, ...rest }: Failure): Error {
  const given = messageText(message);
  const error = new (nodeAssert().AssertionError)({
    actual,
    expected,
    // With an operator of its own, Node adds a diff to the message.
    operator: "fail",
    message: given ?? text,
    stackStartFn: rest.stackStart,
  });
  error.generatedMessage = rest.isGenerated === true && given === undefined;
  Object.assign(error, { operator });
  return error;
}

/** A given error is not thrown: its text is the message. */
function messageText(message: Message): string | undefined {
  if (message === undefined) return undefined;
  return message instanceof Error ? `${message.name}: ${message.message}` : String(message);
}

function ok(...args: readonly unknown[]): void {
  const [value, message] = args as [unknown, Message];
  if (args.length === 0) {
    const text = "No value argument passed to `assert.ok()`";
    throw fails({ actual: undefined, operator: undefined, message, text, stackStart: ok });
  }
  if (value) return;
  const text = `${inspect(value)} == true`;
  const isGenerated = true;
  const expected = true;
  const operator = "==";
  throw fails({ actual: value, expected, operator, message, text, isGenerated, stackStart: ok });
}

function match(actual: unknown, expected: RegExp, message?: Message): void {
  if (expected.test(String(actual))) return;
  const text = `actual: ${JSON.stringify(String(actual))} expected to match: "${expected}"`;
  throw fails({ actual, expected, operator: "match", message, text, stackStart: match });
}

function doesNotMatch(actual: unknown, expected: RegExp, message?: Message): void {
  if (!expected.test(String(actual))) return;
  const text = `actual: ${JSON.stringify(String(actual))} expected to not match: "${expected}"`;
  const operator = "doesNotMatch";
  throw fails({ actual, expected, operator, message, text, stackStart: doesNotMatch });
}

/** Whatever is no text is thrown itself. */
function fail(message?: unknown): never {
  if (message !== undefined && typeof message !== "string") throw message;
  const isGenerated = message === undefined;
  const operator = "fail";
  throw fails({
    actual: undefined,
    operator,
    message,
    text: "Failed",
    isGenerated,
    stackStart: fail,
  });
}

function strictEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (Object.is(actual, expected)) return;
  const operator = "strictEqual";
  const text = differenceText(actual, expected);
  throw fails({ actual, expected, operator, message, text, stackStart: strictEqual });
}

function notStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (!Object.is(actual, expected)) return;
  const operator = "notStrictEqual";
  const text = "Expected actual to be strictly unequal to expected";
  throw fails({ actual, expected, operator, message, text, stackStart: notStrictEqual });
}

function differenceText(actual: unknown, expected: unknown): string {
  const [before, after] = [inspect(actual), inspect(expected)];
  if (before === after) {
    const shown = before
      .split("\n")
      .map((line) => `    ${line}`)
      .join("\n");
    return `Values have the same structure but are not reference-equal:\n\n${shown}\n`;
  }
  const signed = (sign: string, text: string): string =>
    text
      .split("\n")
      .map((line) => `${sign}   ${line}`)
      .join("\n");
  return `Values are not strictly equal:\n\n\n[Diff] Actual / Expected\n\n\n${signed("-", before)}\n${signed("+", after)}\n`;
}

/** A comparison of Node's, with messages as production takes them. */
function compared(name: string): AnyFunction {
  const native = strict()[name] as (actual: unknown, expected: unknown) => void;
  return function compare(actual: unknown, expected: unknown, message?: Message): void {
    try {
      native(actual, expected);
    } catch (error) {
      if (message === undefined || !(error instanceof nodeAssert().AssertionError)) throw error;
      throw fails({ actual, expected, operator: name, message, text: "", stackStart: compare });
    }
  };
}

interface Outcome {
  readonly isRejected: boolean;
  readonly reason?: unknown;
}

/** Calls a function first; takes any thenable, a function too. */
async function outcomeOf(given: unknown): Promise<Outcome> {
  const called = typeof given === "function" ? (given as () => unknown)() : given;
  const { then } = (called ?? {}) as { readonly then?: unknown };
  if (typeof then !== "function") {
    const message = `Expected instance of Promise to be returned from the "promiseFn" function but got ${received(called)}.`;
    throw Object.assign(new TypeError(message), { code: "ERR_INVALID_RETURN_VALUE" });
  }
  try {
    await (called as PromiseLike<unknown>);
    return { isRejected: false };
  } catch (reason) {
    return { isRejected: true, reason };
  }
}

async function rejects(given: unknown, expected?: unknown, message?: Message): Promise<void> {
  const { isRejected, reason } = await outcomeOf(given);
  const isText = typeof expected === "string";
  if (!isRejected) {
    const text = "Missing expected rejection.";
    const told = isText ? expected : message;
    const operator = "rejects";
    throw fails({
      actual: undefined,
      operator,
      message: told,
      text,
      isGenerated: true,
      stackStart: rejects,
    });
  }
  if (expected === undefined || isText) return;
  const raise = (): never => {
    throw reason;
  };
  (strict().throws as (fn: () => void, expected: unknown, message?: string) => void)(
    raise,
    expected,
    messageText(message),
  );
}

async function doesNotReject(given: unknown, expected?: unknown, message?: Message): Promise<void> {
  const { isRejected, reason } = await outcomeOf(given);
  if (!isRejected) return;
  const told = typeof expected === "string" ? expected : message;
  const text = `Got unwanted exception.\nActual message: "${(reason as Error | null)?.message}"`;
  const operator = "doesNotReject";
  throw fails({
    actual: reason,
    expected,
    operator,
    message: told,
    text,
    stackStart: doesNotReject,
  });
}

/** The default export of `assert` and `assert/strict`. */
export function assertModule(): object {
  const assert = (...args: unknown[]): void => ok(...args);
  const deepStrictEqual = compared("deepStrictEqual");
  const notDeepStrictEqual = compared("notDeepStrictEqual");
  // Functions of their own, as in production.
  const same = (fn: AnyFunction): AnyFunction => ((...args: never[]) => fn(...args)) as AnyFunction;
  const members: Members = {
    AssertionError: nodeAssert().AssertionError,
    deepEqual: same(deepStrictEqual),
    deepStrictEqual,
    doesNotMatch,
    doesNotReject,
    doesNotThrow: strict().doesNotThrow,
    equal: same(strictEqual as AnyFunction),
    fail,
    ifError: strict().ifError,
    match,
    notDeepEqual: same(notDeepStrictEqual),
    notDeepStrictEqual,
    notEqual: same(notStrictEqual as AnyFunction),
    notStrictEqual,
    ok,
    partialDeepStrictEqual: strict().partialDeepStrictEqual,
    rejects,
    strict: Object.assign((...args: unknown[]): void => ok(...args), {}),
    strictEqual,
    throws: strict().throws,
  };
  Object.assign(members.strict as object, members);
  return Object.assign(assert, members);
}

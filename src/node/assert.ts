/**
 * `node:assert`: production has only the strict variant (spec/node.md 6.4). Node's deep comparisons
 * and diffs; everything else is our own, because Node's `ok` reads the caller's source file from the
 * disk, and its `rejects` refuses promises that are functions, as those of RPC are.
 */
import nodeAssert from "node:assert";
import { inspect } from "node:util";

type Message = string | Error | undefined;
type AnyFunction = (...args: never[]) => unknown;
type Members = Record<string, unknown>;

const { AssertionError } = nodeAssert;
const strict = nodeAssert.strict as unknown as Record<string, AnyFunction>;

interface Failure {
  readonly actual: unknown;
  readonly expected?: unknown;
  readonly operator: string;
  readonly message: Message;
  readonly text: string;
  readonly stackStart: AnyFunction;
}

function fails({ actual, expected, operator, message, text, stackStart }: Failure): Error {
  const given = messageText(message);
  const error = new AssertionError({
    actual,
    expected,
    // With an operator of its own, Node adds a diff to the message.
    operator: "fail",
    message: given ?? text,
    stackStartFn: stackStart,
  });
  error.generatedMessage = given === undefined;
  error.operator = operator;
  return error;
}

/** A given error is not thrown: its text is the message. */
function messageText(message: Message): string | undefined {
  if (message === undefined) return undefined;
  return message instanceof Error ? `${message.name}: ${message.message}` : String(message);
}

function ok(value: unknown, message?: Message): void {
  if (value) return;
  const text = `${inspect(value)} == true`;
  throw fails({ actual: value, expected: true, operator: "==", message, text, stackStart: ok });
}

function match(actual: unknown, expected: RegExp, message?: Message): void {
  if (typeof actual === "string" && expected.test(actual)) return;
  const text = `actual: ${JSON.stringify(actual)} expected to match: "${expected}"`;
  throw fails({ actual, expected, operator: "match", message, text, stackStart: match });
}

function doesNotMatch(actual: unknown, expected: RegExp, message?: Message): void {
  if (typeof actual !== "string" || !expected.test(actual)) return;
  const text = `actual: ${JSON.stringify(actual)} expected to not match: "${expected}"`;
  const operator = "doesNotMatch";
  throw fails({ actual, expected, operator, message, text, stackStart: doesNotMatch });
}

function fail(actual?: unknown, _expected?: unknown, _message?: unknown, operator = "fail"): never {
  const message = (actual ?? "Failed") as Message;
  throw fails({ actual: undefined, operator, message, text: "Failed", stackStart: fail });
}

/** A comparison of Node's, with messages as production takes them. */
function compared(name: string): AnyFunction {
  const native = strict[name] as (actual: unknown, expected: unknown) => void;
  return function compare(actual: unknown, expected: unknown, message?: Message): void {
    try {
      native(actual, expected);
    } catch (error) {
      if (message === undefined || !(error instanceof AssertionError)) throw error;
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
    const message = 'Expected instance of Promise to be returned from the "promiseFn" function.';
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
    throw fails({ actual: undefined, operator, message: told, text, stackStart: rejects });
  }
  if (expected === undefined || isText) return;
  const raise = (): never => {
    throw reason;
  };
  (strict.throws as (fn: () => void, expected: unknown, message?: string) => void)(
    raise,
    expected,
    messageText(message),
  );
}

async function doesNotReject(given: unknown, expected?: unknown, message?: Message): Promise<void> {
  const { isRejected, reason } = await outcomeOf(given);
  if (!isRejected) return;
  const told = typeof expected === "string" ? expected : message;
  const text = `Got unwanted rejection.\nActual message: "${(reason as Error | null)?.message}"`;
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
  const assert = (value: unknown, message?: Message): void => ok(value, message);
  const equal = compared("strictEqual");
  const notEqual = compared("notStrictEqual");
  const deepEqual = compared("deepStrictEqual");
  const notDeepEqual = compared("notDeepStrictEqual");
  const members: Members = {
    AssertionError,
    deepEqual,
    deepStrictEqual: deepEqual,
    doesNotMatch,
    doesNotReject,
    doesNotThrow: strict.doesNotThrow,
    equal,
    fail,
    ifError: strict.ifError,
    match,
    notDeepEqual,
    notDeepStrictEqual: notDeepEqual,
    notEqual,
    notStrictEqual: notEqual,
    ok,
    partialDeepStrictEqual: strict.partialDeepStrictEqual,
    rejects,
    strict: assert,
    strictEqual: equal,
    throws: strict.throws,
  };
  return Object.assign(assert, members);
}

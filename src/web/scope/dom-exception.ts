/**
 * `DOMException` as production has it: no accessors on the prototype, but `code`, `name`, `message` and `stack` as own
 * properties that JSON and the console show; no native Error. All code in a Worker's thread names this class and not
 * Node's (scripts/build-runtime.js puts it in the place of the global); what Node itself throws is translated where it
 * comes out (`adoptException`).
 */
import { tag } from "../interfaces/define-interface.ts";
import { defineInspection } from "../interfaces/inspect.ts";
import { calledWithoutNew } from "../interfaces/outside.ts";

const CODES: Readonly<Record<string, string>> = {
  IndexSizeError: "INDEX_SIZE_ERR",
  DOMStringSizeError: "DOMSTRING_SIZE_ERR",
  HierarchyRequestError: "HIERARCHY_REQUEST_ERR",
  WrongDocumentError: "WRONG_DOCUMENT_ERR",
  InvalidCharacterError: "INVALID_CHARACTER_ERR",
  NoDataAllowedError: "NO_DATA_ALLOWED_ERR",
  NoModificationAllowedError: "NO_MODIFICATION_ALLOWED_ERR",
  NotFoundError: "NOT_FOUND_ERR",
  NotSupportedError: "NOT_SUPPORTED_ERR",
  InUseAttributeError: "INUSE_ATTRIBUTE_ERR",
  InvalidStateError: "INVALID_STATE_ERR",
  SyntaxError: "SYNTAX_ERR",
  InvalidModificationError: "INVALID_MODIFICATION_ERR",
  NamespaceError: "NAMESPACE_ERR",
  InvalidAccessError: "INVALID_ACCESS_ERR",
  ValidationError: "VALIDATION_ERR",
  TypeMismatchError: "TYPE_MISMATCH_ERR",
  SecurityError: "SECURITY_ERR",
  NetworkError: "NETWORK_ERR",
  AbortError: "ABORT_ERR",
  URLMismatchError: "URL_MISMATCH_ERR",
  QuotaExceededError: "QUOTA_EXCEEDED_ERR",
  TimeoutError: "TIMEOUT_ERR",
  InvalidNodeTypeError: "INVALID_NODE_TYPE_ERR",
  DataCloneError: "DATA_CLONE_ERR",
};
const NAMES = Object.keys(CODES);

/** Of each exception: an object that inherits from it and has what V8 knows of its stack, not yet formatted. */
const traces = new WeakMap<object, { stack?: unknown }>();

/** Without names of their own, as production's. */
const stackAccessor = {
  get: unnamed(function (this: object): unknown {
    return traces.get(this)?.stack;
  }),
  set: unnamed(function (this: object, value: unknown): void {
    const trace = traces.get(this);
    if (trace !== undefined) trace.stack = value;
  }),
};

// biome-ignore lint/complexity/noBannedTypes: shapes any function.
function unnamed<F extends Function>(fn: F): F {
  Object.defineProperty(fn, "name", { value: "", configurable: true });
  Object.defineProperty(fn, "length", { value: 0, configurable: true });
  return fn;
}

/** A function, because a class has a text of its own for calls without `new`. */
function construct(...args: unknown[]): object {
  if (new.target === undefined) throw calledWithoutNew("DOMException");
  const message = args[0] === undefined ? "" : `${args[0]}`;
  const name = args[1] === undefined ? "Error" : `${args[1]}`;
  const exception = Object.create(Reflect.get(new.target, "prototype") as object) as object;
  fix(exception, "code", NAMES.indexOf(name) + 1);
  fix(exception, "name", name);
  fix(exception, "message", message);
  const trace = Object.create(exception) as { stack?: unknown };
  Error.captureStackTrace(trace, construct);
  traces.set(exception, trace);
  Object.defineProperty(exception, "stack", {
    ...stackAccessor,
    enumerable: true,
    configurable: true,
  });
  return exception;
}

function fix(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
}

const prototype: object = Object.create(Error.prototype);
Object.defineProperty(construct, "name", { value: "DOMException", configurable: true });
Object.defineProperty(construct, "length", { value: 0, configurable: true });
Object.defineProperty(construct, "prototype", { value: prototype, writable: false });
for (const target of [construct, prototype]) {
  for (const [index, name] of NAMES.entries()) fix(target, CODES[name] as string, index + 1);
}
Object.defineProperty(prototype, "constructor", {
  value: construct,
  writable: true,
  configurable: true,
});
tag(prototype, "DOMException");
defineInspection(prototype);

/** The class, which TypeScript knows as the standard's. */
export const DOMException = construct as unknown as typeof globalThis.DOMException;

/** An exception of Node's as one of ours; everything else as it is. */
export function adoptException(error: unknown): unknown {
  if (typeof error !== "object" || error === null || error instanceof DOMException) return error;
  if (Object.prototype.toString.call(error) !== "[object DOMException]") return error;
  const { message, name, stack } = error as Error;
  const adopted = new DOMException(message, name);
  adopted.stack = stack as string;
  return adopted;
}

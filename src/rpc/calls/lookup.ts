/**
 * The callee's lookup of a path of names, for calls and property reads (spec/rpc.md 1.3, 1.4).
 * Pure: runs in whatever context the caller has set up; the engine reports what it finds missing.
 */
import type { LookupHooks, LookupRoot } from "../contracts/lookup.ts";
import {
  handlerArgumentCount,
  handlerArity,
  notAFunction,
  notImplemented,
  reservedMethod,
  unreasonableLength,
} from "../error-texts.ts";

export const reservedOnEntrypoints: ReadonlySet<string> = new Set([
  "fetch",
  "connect",
  "alarm",
  "webSocketMessage",
  "webSocketClose",
  "webSocketError",
  "dup",
  "constructor",
]);
export const reservedOnTransients: ReadonlySet<string> = new Set(["dup", "constructor"]);

/** Errors that were made here: not the application's. */
const refusals: WeakSet<object> = new WeakSet();

export function isLookupError(error: unknown): boolean {
  return typeof error === "object" && error !== null && refusals.has(error);
}

const { hasOwn } = Object;
const objectPrototype = Object.prototype as unknown as Record<string, unknown>;

/**
 * Call (`args` given) or read (`args` undefined) what `path` leads to. Returns the raw result, a
 * promise included; throws what the caller is to be told.
 */
export function invoke(
  root: LookupRoot,
  path: readonly string[],
  args: readonly unknown[] | undefined,
  hooks: LookupHooks,
): unknown {
  let holder: unknown = root.target;
  let value: unknown = root.target;
  let allow = root.allowInstanceProps;
  let inStub = false;
  for (let i = 0; i < path.length; i++) {
    const name = path[i] as string;
    if (i > 0) {
      const isOfStub = inStub || (i === 1 && hooks.kindOf(root.target as object) === "stub");
      const step = stepInto(value, isOfStub, hooks);
      if (step === undefined) throw missing(hooks, path[i - 1] as string, holder, root);
      allow = step.allow;
      inStub = step.inStub;
    }
    if (root.reserved.has(name) && !(i === 0 && hooks.allowReserved?.(name, value, args))) {
      throw refusal(reservedMethod(name));
    }
    holder = value;
    if (!isVisible(holder, name, allow)) throw missing(hooks, name, holder, root);
    value = (holder as Record<string, unknown>)[name];
    if (!allow && value === objectPrototype[name]) throw missing(hooks, name, holder, root);
  }
  if (args === undefined) return value;
  if (typeof value !== "function") throw refusal(notAFunction(path.join(".")));
  const receiver = path.length === 0 ? value : holder;
  const passed =
    root.handlerArgs === undefined
      ? args
      : handlerArguments(value, path[path.length - 1] ?? "", args, root.handlerArgs);
  return Reflect.apply(value, receiver, passed);
}

function isVisible(holder: unknown, name: string, allowInstanceProps: boolean): boolean {
  return hasOwn(holder as object, name) === allowInstanceProps;
}

/** May the lookup go on inside of `value`, and by which rule? */
function stepInto(
  value: unknown,
  inStub: boolean,
  hooks: LookupHooks,
): { allow: boolean; inStub: boolean } | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return undefined;
  }
  const kind = hooks.kindOf(value);
  if (kind === "stub") return { allow: false, inStub: true };
  if (kind === "promise") return undefined;
  if (kind === "property") return inStub ? { allow: false, inStub } : undefined;
  if (Object.getPrototypeOf(value) === Object.prototype) return { allow: true, inStub: false };
  if (hooks.isTarget(value)) return { allow: false, inStub: false };
  if (typeof value === "function") return { allow: true, inStub: false };
  return undefined;
}

function missing(hooks: LookupHooks, name: string, target: unknown, root: LookupRoot): TypeError {
  hooks.onMissing?.(
    name,
    target,
    target === root.target && root.reserved === reservedOnEntrypoints,
  );
  return refusal(notImplemented(name));
}

function handlerArguments(
  fn: object,
  name: string,
  args: readonly unknown[],
  handlerArgs: readonly unknown[],
): readonly unknown[] {
  const { length } = fn as { length?: unknown };
  if (typeof length !== "number" || length < 0 || length >= 256) {
    throw refusal(unreasonableLength(Number(length)));
  }
  if (length > 3) throw refusal(handlerArity(name));
  if (args.length !== 1) throw refusal(handlerArgumentCount(name));
  return [args[0], ...handlerArgs];
}

function refusal(text: string): TypeError {
  const error = new TypeError(text);
  refusals.add(error);
  return error;
}

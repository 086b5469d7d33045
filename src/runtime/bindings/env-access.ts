/**
 * The Worker's side of `getEnv()` in a test (protocol/env-access.ts): evaluates expressions over `env` in
 * the invocation of the session that asks. Sessions of tests only.
 */

import type { DurableObjects } from "../../durable-objects/objects.ts";
import type { Invocation } from "../../isolate/invocation.ts";
import {
  ENV_ENTRYPOINT,
  type EnvExpression,
  type EnvNames,
  type EnvStep,
  EXPRESSION,
  type FiredAlarm,
  type ObjectAccess,
  type ObjectName,
  STAYED,
  type StayedValue,
} from "../../protocol/env-access.ts";
import type { BindingSpec } from "../../protocol/worker-spec.ts";
import type { AcceptedSession } from "../../rpc/contract.ts";
import type { RpcEngine } from "../../rpc/engine.ts";
import { uniqueKey } from "../../util/object-ids.ts";
import { Blob } from "../../web/forms/blob.ts";
import { Headers } from "../../web/http/headers.ts";
import { isRequest } from "../../web/http/request.ts";
import { isResponse } from "../../web/http/response.ts";
import { isReadableStream } from "../../web/streams/byte-streams.ts";
import { createObjectAccess } from "./object-access.ts";

/** Classes of the language that travel as they are. */
const TRAVELS = [ArrayBuffer, Date, Map, Set, RegExp, Error];

/** The callee's side of a session for `env`. */
export function acceptEnv(
  engine: Pick<RpcEngine, "RpcTarget" | "tokenOf">,
  env: Readonly<Record<string, unknown>>,
  bindings: readonly BindingSpec[],
  objects: DurableObjects | undefined,
  invocation: Invocation,
): AcceptedSession {
  const access = createAccess(engine, env, keysOf(bindings), createObjectAccess(objects));
  // A stub of it keeps the session, and what stays in it.
  const root = new (class extends engine.RpcTarget {
    open(): object {
      return access;
    }
  })();
  return {
    context: invocation,
    lookup: "class",
    entrypoint: ENV_ENTRYPOINT,
    target: () => root,
    event: (name) => {
      throw new Error(`Handler does not export a ${name}() function.`);
    },
    finished: (reason) => invocation.whenTasksDone(() => invocation.end(reason)),
  };
}

function keysOf(bindings: readonly BindingSpec[]): Record<string, string> {
  const keys = bindings.flatMap((binding) =>
    binding.type === "durable-object"
      ? [[binding.name, uniqueKey(binding.service, binding.className)]]
      : [],
  );
  return Object.fromEntries(keys) as Record<string, string>;
}

function createAccess(
  engine: Pick<RpcEngine, "RpcTarget" | "tokenOf">,
  env: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, string>>,
  objects: ObjectAccess,
): object {
  const stayed = new Map<number, object>();
  let lastId = 0;

  const evaluate = async ({ on, steps }: EnvExpression): Promise<unknown> => {
    let self: unknown;
    let value: unknown = on === undefined ? env : stayed.get(on);
    for (const step of steps) {
      if ("get" in step) {
        // What a method gives may be a promise; calls of stubs go on without waiting.
        self = await settled(value);
        value = Reflect.get(Object(self), step.get, self);
      } else {
        if (typeof value !== "function") throw new TypeError(`${nameOf(steps)} is not a function`);
        const args = await Promise.all(step.call.map(toValue));
        value = Reflect.apply(value, self, args);
        self = undefined;
      }
    }
    return await value;
  };

  const toValue = async (arg: unknown): Promise<unknown> => {
    if (Array.isArray(arg)) return await Promise.all(arg.map(toValue));
    if (!isPlain(arg)) return arg;
    if (EXPRESSION in arg) return await evaluate(arg[EXPRESSION] as EnvExpression);
    const entries = Object.entries(arg).map(async ([key, value]) => [key, await toValue(value)]);
    return Object.fromEntries(await Promise.all(entries)) as unknown;
  };

  const toResult = (value: unknown): unknown => {
    const isObject = typeof value === "object" && value !== null;
    if (typeof value === "function") return engine.tokenOf(value) ? stay(value) : value;
    if (!isObject || travels(value)) return value;
    if (Array.isArray(value)) return value.map(toResult);
    if (!isPlain(value)) return stay(value);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toResult(each)]));
  };

  const stay = (value: object): { [STAYED]: StayedValue } => {
    lastId += 1;
    stayed.set(lastId, value);
    return { [STAYED]: { id: lastId, shown: engine.tokenOf(value) ? {} : shownOf(value) } };
  };

  return new (class extends engine.RpcTarget implements ObjectAccess {
    objectIds(className: string): readonly string[] | Promise<readonly string[]> {
      return objects.objectIds(className);
    }

    evictObject(className: string, object: ObjectName): Promise<boolean> {
      return objects.evictObject(className, object);
    }

    execSql(
      className: string,
      object: ObjectName,
      sql: string,
      params: readonly unknown[],
    ): ReturnType<ObjectAccess["execSql"]> {
      return objects.execSql(className, object, sql, params);
    }

    runAlarm(className: string, object: ObjectName): Promise<boolean> {
      return objects.runAlarm(className, object);
    }

    nextAlarm(): Promise<number | null> {
      return objects.nextAlarm();
    }

    advance(ms: number): Promise<readonly FiredAlarm[]> {
      return objects.advance(ms);
    }

    names(): EnvNames {
      const entries = Object.entries(env);
      const isValue = ([, value]: [string, unknown]): boolean =>
        typeof value !== "function" &&
        (typeof value !== "object" || value === null || isData(value));
      return {
        values: Object.fromEntries(entries.filter(isValue)),
        bindings: entries.filter((entry) => !isValue(entry)).map(([name]) => name),
        objects: keys,
      };
    }

    async run(expression: EnvExpression): Promise<unknown> {
      return toResult(await evaluate(expression));
    }
  })();
}

/** Objects of the language are waited for where they are promises, stubs never. */
async function settled(value: unknown): Promise<unknown> {
  return value instanceof Promise ? await value : value;
}

function nameOf(steps: readonly EnvStep[]): string {
  const names = steps.flatMap((step) => ("get" in step ? [step.get] : []));
  return ["env", ...names].join(".");
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Of variables: JSON. */
function isData(value: object): boolean {
  return Array.isArray(value) || isPlain(value) || travels(value);
}

function travels(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    TRAVELS.some((type) => value instanceof type) ||
    isReadableStream(value) ||
    isRequest(value) ||
    isResponse(value) ||
    value instanceof Headers ||
    value instanceof Blob
  );
}

/** Members that are data: own ones, and getters of its classes. */
function shownOf(value: object): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  const prototypes = [value];
  for (
    let at: object | null = Object.getPrototypeOf(value) as object | null;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    prototypes.push(at);
  }
  for (const name of prototypes.flatMap((at) =>
    Object.keys(Object.getOwnPropertyDescriptors(at)),
  )) {
    // A body that is looked at is a body that is read.
    if (name in shown || name === "constructor" || name.startsWith("body")) continue;
    try {
      const member: unknown = Reflect.get(value, name);
      if (isShown(member)) shown[name] = member;
    } catch {
      // A getter that wants something else.
    }
  }
  return shown;
}

function isShown(member: unknown): boolean {
  if (typeof member === "function" || typeof member === "symbol") return false;
  if (typeof member !== "object" || member === null) return member !== undefined;
  if (member instanceof Date) return true;
  return isPlain(member) && Object.values(member).every(isShown);
}

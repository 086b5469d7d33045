/**
 * `env` of a Worker in the process of a test (protocol/env-access.ts): an object on which expressions are
 * written as a Worker would write them (`await env.DB.prepare(sql).bind(1).all()`), each evaluated in the
 * Worker's thread when it is awaited. Used by the test API.
 */
import {
  type EnvExpression,
  type EnvNames,
  type EnvStep,
  EXPRESSION,
  STAYED,
  type StayedValue,
} from "../protocol/env-access.ts";

/** The stub of the Worker's side. */
export interface EnvAccess {
  names(): Promise<EnvNames>;
  run(expression: EnvExpression): Promise<unknown>;
}

/** Gives the side of the thread that serves now: where a new version does, bindings are its. */
export type EnvOpener = () => Promise<EnvAccess>;

const expressions: WeakMap<object, EnvExpression> = new WeakMap();

/** Variables and secrets as they are, of everything else what can be awaited. */
export async function createEnvProxy(open: EnvOpener): Promise<Record<string, unknown>> {
  const { values, bindings } = await (await open()).names();
  const run = async (expression: EnvExpression): Promise<unknown> => {
    const access = await open();
    return received(await access.run(expression), access);
  };
  const named = bindings.map((name) => [name, expression({ steps: [{ get: name }] }, run)]);
  return { ...values, ...(Object.fromEntries(named) as object) };
}

type Run = (expression: EnvExpression) => Promise<unknown>;

/** Something that is not known before it is awaited: it can be called, read from, and given on. */
function expression(what: EnvExpression, run: Run): object {
  const more = (step: EnvStep): object =>
    expression({ ...what, steps: [...what.steps, step] }, run);
  // What a call gives looks like the promise that it is, and not like something to be called.
  const last = what.steps.at(-1);
  const isCall = last !== undefined && "call" in last;
  const proxy = new Proxy<object>(isCall ? {} : () => {}, {
    get(_target, name) {
      if (typeof name === "symbol") return undefined;
      if (name === "then") {
        const promise = (): Promise<unknown> => run(what);
        return (resolve: (value: unknown) => unknown, reject: (error: unknown) => unknown) =>
          promise().then(resolve, reject);
      }
      if (name === "catch" || name === "finally") {
        return (listener: () => unknown) => {
          const promise = run(what);
          return name === "catch" ? promise.catch(listener) : promise.finally(listener);
        };
      }
      return more({ get: name });
    },
    apply: (_target, _self, args: unknown[]) => more({ call: args.map(sent) }),
  });
  expressions.set(proxy, what);
  return proxy;
}

/** Arguments may be what is still to be evaluated, also in lists and options. */
function sent(arg: unknown): unknown {
  if ((typeof arg !== "object" && typeof arg !== "function") || arg === null) return arg;
  const known = expressions.get(arg);
  if (known !== undefined) return { [EXPRESSION]: known };
  if (Array.isArray(arg)) return arg.map(sent);
  if (!isPlain(arg)) return arg;
  return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, sent(value)]));
}

function received(value: unknown, access: EnvAccess): unknown {
  if (Array.isArray(value)) return value.map((each) => received(each, access));
  if (!isPlain(value)) return value;
  if (STAYED in value) return handle(value[STAYED] as StayedValue, access);
  // The engine's own member: it holds nothing here that is not released with the session.
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, received(each, access)]),
  );
}

/** Something that stayed in the thread: its data are here, its methods there. */
function handle({ id, shown }: StayedValue, access: EnvAccess): object {
  const run = async (what: EnvExpression): Promise<unknown> =>
    received(await access.run(what), access);
  const proxy = new Proxy<Record<string, unknown>>(
    { ...shown },
    {
      get(target, name) {
        if (typeof name === "symbol" || Object.hasOwn(target, name))
          return Reflect.get(target, name);
        // It is there already.
        if (name === "then" || name === "toJSON") return undefined;
        return expression({ on: id, steps: [{ get: name }] }, run);
      },
    },
  );
  expressions.set(proxy, { on: id, steps: [] });
  return proxy;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

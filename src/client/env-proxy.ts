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
import { assertJurisdiction, IdFactory } from "../util/object-ids.ts";

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
  const { values, bindings, objects } = await (await open()).names();
  const run = async (expression: EnvExpression): Promise<unknown> => {
    const access = await open();
    return received(await access.run(expression), access);
  };
  const named = bindings.map((name) => {
    const steps = [{ get: name }];
    const key = objects[name];
    return [name, key === undefined ? expression({ steps }, run) : namespace({ steps, key }, run)];
  });
  return { ...values, ...(Object.fromEntries(named) as object) };
}

/**
 * A namespace of Durable Objects: its ids are hashes, so they are there at once, as in a Worker. Stubs that it gives know theirs; their
 * methods are calls.
 */
function namespace({ steps, key, jurisdiction }: NamespaceOptions, run: Run): object {
  const ids = new IdFactory(key, jurisdiction);
  const call = (method: string, args: readonly unknown[]): readonly EnvStep[] => [
    ...steps,
    { get: method },
    { call: args.map(sent) },
  ];
  const idOf = (hex: string, name?: string): ObjectId => {
    const id = new ObjectId(hex, name, jurisdiction);
    const made = name === undefined ? call("idFromString", [hex]) : call("idFromName", [name]);
    expressions.set(id, { steps: made });
    return id;
  };
  const stub = (made: readonly EnvStep[], id: unknown): object =>
    expression({ steps: made }, run, id instanceof ObjectId ? { id, name: id.name } : {});
  const within = (name: unknown): object => {
    if (name === undefined || name === null) return namespace({ steps, key, jurisdiction }, run);
    assertJurisdiction(String(name));
    const own = { steps: call("jurisdiction", [String(name)]), key, jurisdiction: String(name) };
    return namespace(own, run);
  };
  return expression({ steps }, run, {
    idFromName: (name: unknown) => idOf(ids.fromName(String(name)), String(name)),
    idFromString: (text: unknown) => idOf(ids.parse(String(text))),
    newUniqueId: (options?: { readonly jurisdiction?: unknown }) => {
      const { jurisdiction: other } = options ?? {};
      if (other === undefined || other === null) return idOf(ids.random());
      return (within(other) as { newUniqueId(): ObjectId }).newUniqueId();
    },
    get: (id: unknown, ...options: unknown[]) => stub(call("get", [id, ...options]), id),
    getByName: (name: unknown, ...options: unknown[]) =>
      stub(call("getByName", [name, ...options]), idOf(ids.fromName(String(name)), String(name))),
    jurisdiction: within,
  });
}

interface NamespaceOptions {
  readonly steps: readonly EnvStep[];
  /** Of the class. */
  readonly key: string;
  readonly jurisdiction?: string | undefined;
}

/** What stands for a `DurableObjectId` here; the thread makes its own of it. */
class ObjectId {
  readonly #hex: string;
  readonly name: string | undefined;
  readonly jurisdiction: string | undefined;

  constructor(hex: string, name: string | undefined, jurisdiction: string | undefined) {
    this.#hex = hex;
    this.name = name;
    this.jurisdiction = jurisdiction;
  }

  toString(): string {
    return this.#hex;
  }

  equals(other: unknown): boolean {
    if (other instanceof ObjectId) return other.#hex === this.#hex;
    throw new TypeError(
      "Failed to execute 'equals' on 'DurableObjectId': parameter 1 is not of type 'DurableObjectId'.",
    );
  }
}

type Run = (expression: EnvExpression) => Promise<unknown>;

/**
 * Something that is not known before it is awaited: it can be called, read from, and given on. `known`: what of it is known
 * at once.
 */
function expression(
  what: EnvExpression,
  run: Run,
  known: Readonly<Record<string, unknown>> = {},
): object {
  const more = (step: EnvStep): object =>
    expression({ ...what, steps: [...what.steps, step] }, run);
  // What a call gives looks like the promise that it is, and not like something to be called.
  const last = what.steps.at(-1);
  const isCall = last !== undefined && "call" in last;
  const proxy = new Proxy<object>(isCall ? {} : () => {}, {
    get(_target, name) {
      if (typeof name === "symbol") return undefined;
      if (Object.hasOwn(known, name)) return known[name];
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

/**
 * `DurableObjectNamespace`: a class of objects as a binding (spec/durable-objects.md 3). It lives in
 * the caller's thread, computes ids, and hands out stubs; nothing is created before a stub is used.
 */

import { assertJurisdiction, IdFactory } from "../util/object-ids.ts";
import { defineInterface } from "../web/interfaces/define-interface.ts";
import { createObjectId, type DurableObjectId, hexOfId, isObjectId } from "./object-id.ts";

const INTERNAL: unique symbol = Symbol("internal");

/** A new stub of the object; `id` is shown on it as it is. */
export type StubFactory = (id: DurableObjectId) => object;

export interface NamespaceOptions {
  /** See util/object-ids.ts. */
  readonly uniqueKey: string;
  readonly makeStub: StubFactory;
}

interface State extends NamespaceOptions {
  readonly jurisdiction: string | undefined;
  readonly ids: IdFactory;
}

export class DurableObjectNamespace {
  readonly #state: State;

  constructor(token: typeof INTERNAL, state: State) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#state = state;
  }

  newUniqueId(options?: { readonly jurisdiction?: unknown } | null): DurableObjectId {
    const { jurisdiction, ids } = within(this.#state, options?.jurisdiction);
    return createObjectId(ids.random(), undefined, jurisdiction);
  }

  idFromName(...args: readonly unknown[]): DurableObjectId {
    if (args.length === 0) throw notOfType("idFromName", "string");
    const text = String(args[0]);
    const { ids, jurisdiction } = this.#state;
    return createObjectId(ids.fromName(text), text, jurisdiction);
  }

  idFromString(...args: readonly unknown[]): DurableObjectId {
    if (args.length === 0) throw notOfType("idFromString", "string");
    const { ids, jurisdiction } = this.#state;
    return createObjectId(ids.parse(String(args[0])), undefined, jurisdiction);
  }

  get(id: DurableObjectId, options?: object | null): object {
    if (!isObjectId(id)) throw notOfType("get", "DurableObjectId");
    checkOptions(options);
    const { ids, jurisdiction, makeStub } = this.#state;
    const hex = hexOfId(id);
    if (id.jurisdiction !== jurisdiction && jurisdiction !== undefined) {
      throw new TypeError(
        "get called on jurisdictional subnamespace with an ID from a different jurisdiction",
      );
    }
    const own = id.jurisdiction === jurisdiction ? ids : within(this.#state, id.jurisdiction).ids;
    // Production's words of idFromString: an id of another class is no object of this one.
    if (!own.isOwn(hex)) own.parse(hex);
    return makeStub(id);
  }

  getByName(...args: readonly unknown[]): object {
    if (args.length === 0) throw notOfType("getByName", "string");
    checkOptions(args[1]);
    return this.#state.makeStub(this.idFromName(args[0]));
  }

  jurisdiction(name?: unknown): DurableObjectNamespace {
    return new DurableObjectNamespace(INTERNAL, within(this.#state, name));
  }
}
defineInterface(DurableObjectNamespace, "DurableObjectNamespace");

/** `ctx.exports.X` of a class that the config does not declare: good for facets only. */
export class LoopbackDurableObjectClass {}
defineInterface(LoopbackDurableObjectClass, "LoopbackDurableObjectClass");

export function createNamespace(options: NamespaceOptions): DurableObjectNamespace {
  return new DurableObjectNamespace(INTERNAL, {
    ...options,
    jurisdiction: undefined,
    ids: new IdFactory(options.uniqueKey),
  });
}

/** The same class in a jurisdiction; none given: as it is. Throws for names that there are not. */
function within(state: State, jurisdiction: unknown): State {
  if (jurisdiction === undefined || jurisdiction === null) return state;
  const name = String(jurisdiction);
  assertJurisdiction(name);
  if (name === state.jurisdiction) return state;
  return { ...state, jurisdiction: name, ids: new IdFactory(state.uniqueKey, name) };
}

function checkOptions(options: unknown): void {
  const mode: unknown = (options as { readonly routingMode?: unknown } | null | undefined)
    ?.routingMode;
  if (mode !== undefined && mode !== "primary-only") {
    throw new RangeError(`unknown routingMode: ${String(mode)}`);
  }
}

function notOfType(method: string, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'DurableObjectNamespace': parameter 1 is not of type '${type}'.`,
  );
}

/**
 * The classes that `cloudflare:workers` exports. Made once per engine: apps compare prototypes and
 * use `instanceof` (spec/rpc.md 1.1, 12.9). Methods find their state by its stamp, so they work on
 * the real stubs only.
 */

import { types } from "node:util";
import { TargetHook } from "../calls/target-hook.ts";
import type { Core } from "../contracts/core.ts";
import type { StubHandle } from "../contracts/stubs.ts";
import { globalScope, illegalConstructor, stubTarget } from "../error-texts.ts";
import { captureOrigin } from "../origin.ts";
import { stampTarget, stateOf } from "../stub-state.ts";

type OnValue = ((value: unknown) => unknown) | null | undefined;
type OnError = ((reason: unknown) => unknown) | null | undefined;

export interface JsClasses {
  readonly RpcStub: new (target: object) => object;
  readonly RpcPromise: new () => object;
  readonly RpcProperty: new () => object;
  readonly RpcTarget: new () => object;
  readonly ServiceStub: new () => object;
  readonly LoopbackServiceStub: new () => object;
  /** Of the stub of a Durable Object, as its namespace gives it out. */
  readonly DurableObject: new () => object;
}

function stubStateOf(value: object): StubHandle {
  const state = stateOf(value);
  if (state?.kind !== "stub") throw new TypeError("Illegal invocation");
  return state;
}

function promiseOf(value: object): Promise<unknown> {
  const state = stateOf(value);
  if (state?.kind === "promise") {
    return state.question.observe();
  }
  if (state?.kind === "property") return state.read();
  throw new TypeError("Illegal invocation");
}

export function createClasses(core: () => Core): JsClasses {
  class RpcTarget {
    constructor() {
      stampTarget(this);
    }
  }

  class RpcStub {
    constructor(target: object) {
      // biome-ignore lint/correctness/noConstructorReturn: a stub is a Proxy
      return wrap(core(), target) as RpcStub;
    }

    dup(): object {
      return stubStateOf(this).dup();
    }

    [Symbol.dispose](): void {
      stubStateOf(this).dispose();
    }
  }

  class RpcPromise {
    constructor() {
      throw new TypeError(illegalConstructor);
    }

    // biome-ignore lint/suspicious/noThenProperty: it is a thenable, as in production
    then(onValue?: OnValue, onError?: OnError): Promise<unknown> {
      return promiseOf(this).then(onValue, onError);
    }

    catch(onError?: OnError): Promise<unknown> {
      return promiseOf(this).catch(onError);
    }

    finally(onSettled?: (() => void) | null): Promise<unknown> {
      return promiseOf(this).finally(onSettled);
    }

    [Symbol.dispose](): void {
      const state = stateOf(this);
      if (state?.kind === "promise") state.question.dispose();
    }
  }

  class RpcProperty {
    constructor() {
      throw new TypeError(illegalConstructor);
    }

    // biome-ignore lint/suspicious/noThenProperty: it is a thenable, as in production
    then(onValue?: OnValue, onError?: OnError): Promise<unknown> {
      return promiseOf(this).then(onValue, onError);
    }

    catch(onError?: OnError): Promise<unknown> {
      return promiseOf(this).catch(onError);
    }

    finally(onSettled?: (() => void) | null): Promise<unknown> {
      return promiseOf(this).finally(onSettled);
    }
  }

  class ServiceStub {
    constructor() {
      throw new TypeError(illegalConstructor);
    }
  }

  class LoopbackServiceStub extends ServiceStub {}

  class DurableObject extends ServiceStub {}

  const classes = {
    RpcStub,
    RpcPromise,
    RpcProperty,
    RpcTarget,
    ServiceStub,
    LoopbackServiceStub,
    DurableObject,
  };
  for (const [name, tag] of Object.entries(tags)) {
    const { prototype } = classes[name as keyof typeof tags];
    Object.defineProperty(prototype, Symbol.toStringTag, { value: tag, configurable: true });
  }
  // As production calls the class of bindings, whatever the module exports it as.
  Object.defineProperty(ServiceStub, "name", { value: "Fetcher", configurable: true });
  return classes;
}

/** What `Object.prototype.toString` says: production's internal names. */
const tags = {
  RpcStub: "JsRpcStub",
  RpcPromise: "JsRpcPromise",
  RpcProperty: "JsRpcProperty",
  RpcTarget: "JsRpcTarget",
  ServiceStub: "Fetcher",
  LoopbackServiceStub: "LoopbackServiceStub",
  DurableObject: "DurableObject",
} as const;

/** `new RpcStub(target)`, spec/rpc.md 1.1. */
function wrap(core: Core, target: unknown): object {
  const allowInstanceProps = targetRule(core, target);
  if (allowInstanceProps === undefined) throw new TypeError(stubTarget);
  const context = core.host.currentContext();
  if (context === undefined) throw new Error(globalScope);
  const hook = new TargetHook(core, context, target as object, allowInstanceProps);
  const at = captureOrigin(wrap);
  const origin = { what: "new RpcStub()", binding: "(local)", at, observed: true };
  return core.makeStub(hook, context, origin).proxy;
}

/** Whether a stub of `target` shows own properties; undefined if it cannot be wrapped. */
function targetRule(core: Core, target: unknown): boolean | undefined {
  if (target === null || (typeof target !== "object" && typeof target !== "function")) {
    return undefined;
  }
  const kind = stateOf(target)?.kind;
  // These are functions like any other, without own properties.
  if (kind === "stub" || kind === "loopback") return true;
  if (kind !== undefined && kind !== "target") return undefined;
  if (core.targetKinds.showsTarget(target)) return false;
  if (typeof target === "function") return true;
  if (Object.getPrototypeOf(target) === Object.prototype) return true;
  return types.isProxy(target) && Object.getPrototypeOf(target) === Object.prototype
    ? true
    : undefined;
}

/** Proxy targets: shared, carry nothing; what `console.log` shows of a stub. */
export function createTargets(): Core["targets"] {
  const callable = (name: string): object => {
    const target = { [name]: (): void => {} }[name] as () => void;
    return describe(target, name);
  };
  const plain = (name: string): object => describe({}, name);
  return {
    stub: callable("RpcStub"),
    promise: callable("RpcPromise"),
    property: callable("RpcProperty"),
    service: plain("Fetcher"),
    object: plain("DurableObject"),
    loopback: callable("LoopbackServiceStub"),
  };
}

function describe<T extends object>(target: T, name: string): T {
  Object.defineProperty(target, Symbol.for("nodejs.util.inspect.custom"), {
    value: () => `${name} {}`,
    configurable: true,
  });
  return target;
}

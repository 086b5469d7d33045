/** RpcPromise, and RpcProperty: a name under any stub (spec/rpc.md 1.1, 3). */

import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import type { PromiseHandle, PropertyHandle, PropertyOwner } from "../contracts/stubs.ts";
import { BaseHandler } from "./base.ts";

/** RpcPromise. */
export class PromiseHandler extends BaseHandler implements PromiseHandle {
  readonly kind = "promise";
  readonly question: Asked;

  constructor(core: Core, question: Asked) {
    super(core, core.targets.promise, core.classes.RpcPromise.prototype);
    this.question = question;
  }

  protected override asState(): PromiseHandle {
    return this;
  }

  apply(_target: object, _this: unknown, args: unknown[]): object {
    return this.core.makePromise(this.ask([], args));
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Asked {
    const { question } = this;
    if (question.context !== undefined) {
      const ioType = question.state === "pending" ? "Pipeline" : "JsRpcPromise";
      const foreign = this.foreign(question.context, ioType);
      if (foreign !== undefined) return foreign;
    }
    return question.pipeline(path, args);
  }
}

/** RpcProperty: a name under any of the others. */
export class PropertyHandler extends BaseHandler implements PropertyHandle {
  readonly kind = "property";
  readonly parent: PropertyOwner;
  readonly name: string;
  readonly depth: number;

  constructor(core: Core, parent: PropertyOwner, name: string, depth: number) {
    super(core, core.targets.property, core.classes.RpcProperty.prototype);
    this.parent = parent;
    this.name = name;
    this.depth = depth;
  }

  protected override asState(): PropertyHandle {
    return this;
  }

  protected override get childDepth(): number {
    return this.depth + 1;
  }

  apply(_target: object, self: unknown, args: unknown[]): object | undefined {
    if (this.name === "toJSON" && self === this.parent.proxy && isJsonCall(args)) {
      return this.parent.json;
    }
    return this.core.makePromise(this.ask([], args));
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Asked {
    if (path.length === 0 && !(this.parent instanceof PropertyHandler)) {
      return this.parent.ask([this.name], args);
    }
    const full: string[] = [];
    let handler: PropertyOwner = this;
    while (handler instanceof PropertyHandler) {
      full.push(handler.name);
      handler = handler.parent;
    }
    full.reverse();
    full.push(...path);
    return handler.ask(full, args);
  }

  /** A new read with each use (spec/rpc.md 1.1). */
  read(): Promise<unknown> {
    return this.ask([], undefined).observe();
  }
}

/**
 * `toJSON(key)`, as JSON.stringify calls it: production's does not look at the names of stubs, so a
 * logger that prints `env` must not make calls.
 */
function isJsonCall(args: readonly unknown[]): boolean {
  return args.length === 1 && typeof args[0] === "string";
}

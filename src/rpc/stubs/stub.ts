/** RpcStub: a handle on a hook (spec/rpc.md 4.1). */

import { Question } from "../calls/question.ts";
import type { Context } from "../contract.ts";
import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import type { Hook } from "../contracts/hook.ts";
import type { StubHandle } from "../contracts/stubs.ts";
import { crossContext, stubDisposed } from "../error-texts.ts";
import { captureOrigin, nowhere, type Origin, type StackHolder } from "../origin.ts";
import { BaseHandler } from "./base.ts";

export class StubHandler extends BaseHandler implements StubHandle {
  readonly kind = "stub";
  readonly hook: Hook;
  readonly context: Context;
  readonly origin: Origin;
  #disposedAt: StackHolder | undefined;

  constructor(core: Core, hook: Hook, context: Context, origin: Origin) {
    super(core, core.targets.stub, core.classes.RpcStub.prototype);
    this.hook = hook;
    this.context = context;
    this.origin = origin;
  }

  protected override asState(): StubHandle {
    return this;
  }

  get disposed(): boolean {
    return this.#disposedAt !== undefined;
  }

  apply(_target: object, _this: unknown, args: unknown[]): object {
    return this.core.makePromise(this.ask([], args));
  }

  override ask(path: readonly string[], args: readonly unknown[] | undefined): Asked {
    if (this.#disposedAt !== undefined) {
      this.reportUse();
      return Question.refused(this.core, args, () => new Error(stubDisposed));
    }
    return this.foreign(this.context, "Client") ?? this.hook.ask(path, args);
  }

  /** Throws if it was disposed: for passing it on. */
  assertUsable(): void {
    if (this.#disposedAt === undefined) return;
    this.reportUse();
    throw new Error(stubDisposed);
  }

  /** Say in the log where it was disposed; the error's text stays production's. */
  reportUse(): void {
    const at = this.#disposedAt;
    this.core.host.report({
      type: "used-after-dispose",
      what: this.origin.what,
      disposedAt: at?.stack ?? "",
    });
  }

  dup(): object {
    this.assertUsable();
    if (this.core.host.currentContext() !== this.context) {
      throw new Error(crossContext(this.context.kind, "Client"));
    }
    const origin = { ...this.origin, at: captureOrigin(this.dup) };
    this.hook.setOrigin(origin);
    return this.core.makeStub(this.hook.retain(), this.context, origin).proxy;
  }

  /** Safe to call twice. */
  dispose(): void {
    if (this.#disposedAt !== undefined) return;
    // What nobody awaited nobody has, so nobody will ask where it was disposed.
    this.#dispose(this.origin.observed ? captureOrigin(this.dispose) : nowhere);
  }

  /** By the engine: no line of the application did it, so no stack is taken (5 us). */
  disposeByEngine(): void {
    if (this.#disposedAt === undefined) this.#dispose(nowhere);
  }

  #dispose(at: StackHolder): void {
    this.#disposedAt = at;
    this.hook.release();
  }
}

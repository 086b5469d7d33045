/**
 * The object that the calls of an accepted session are made on: made on the first call, possibly
 * later than it; calls wait for it in order (spec/rpc.md 1.3-1.5).
 */

import type { AcceptedSession } from "../contract.ts";
import type { LookupRoot } from "../contracts/lookup.ts";
import type { SessionHandle } from "../contracts/session.ts";
import { notAnRpcObject } from "../error-texts.ts";
import type { Answer } from "./answer.ts";
import { reservedOnEntrypoints } from "./lookup.ts";

export class MainTarget {
  readonly #session: SessionHandle;
  readonly #accepted: AcceptedSession;
  #state: "new" | "waiting" | "ready" | "failed" = "new";
  #root: LookupRoot | undefined;
  #error: unknown;
  #waiting: Answer[] | undefined;

  constructor(session: SessionHandle, accepted: AcceptedSession) {
    this.#session = session;
    this.#accepted = accepted;
  }

  run(answer: Answer): void {
    if (this.#state === "new") {
      this.#state = "waiting";
      // The first call runs in one go with the making of its target, where that is done at once.
      this.#session.inContext(() => this.#start(answer));
      if (this.#hasFailed) answer.reject(this.#error);
    } else if (this.#state === "waiting") this.#wait(answer);
    else this.#runNow(answer);
  }

  get #hasFailed(): boolean {
    return this.#state === "failed";
  }

  #wait(answer: Answer): void {
    this.#waiting ??= [];
    this.#waiting.push(answer);
  }

  #runNow(answer: Answer): void {
    const root = this.#root;
    if (root === undefined) answer.reject(this.#error);
    else this.#session.inContext(() => answer.run(root));
  }

  /** Runs in the session's context. */
  #start(answer: Answer): void {
    let target: object | Promise<object>;
    try {
      target = this.#accepted.target();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (target instanceof Promise) {
      this.#wait(answer);
      target.then(
        (ready) => {
          this.#ready(ready);
          this.#drain();
        },
        (error: unknown) => {
          this.#fail(error);
          this.#drain();
        },
      );
    } else {
      this.#ready(target);
      if (this.#root !== undefined) answer.run(this.#root);
    }
  }

  #ready(target: object): void {
    if (target === null || (typeof target !== "object" && typeof target !== "function")) {
      this.#fail(new TypeError(notAnRpcObject));
      return;
    }
    const { lookup, handlerArgs } = this.#accepted;
    this.#root = {
      target,
      allowInstanceProps: lookup === "handler",
      reserved: reservedOnEntrypoints,
      handlerArgs: lookup === "handler" ? (handlerArgs ?? []) : undefined,
    };
    this.#state = "ready";
  }

  #fail(error: unknown): void {
    this.#error = error;
    this.#state = "failed";
  }

  #drain(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const answer of waiting ?? []) this.#runNow(answer);
  }
}

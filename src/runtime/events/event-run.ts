/**
 * One event other than a request in the thread: from the host's `event` message to `eventDone`. Owned
 * by HttpEndpoint; lives as long as its invocation. The outcome is known when the handler has settled
 * and its waitUntil work is done, which counts (spec/platform.md 15.2, spec/resources.md 8.4).
 */

import { describeError } from "../../isolate/errors/error-text.ts";
import type { Unsettled } from "../../isolate/hang-detector.ts";
import { type Invocation, runInvocation } from "../../isolate/invocation.ts";
import { logException } from "../../isolate/log.ts";
import type { RootSpan } from "../../isolate/request-spans.ts";
import type { EventAnswer, WorkerEvent } from "../../protocol/events.ts";
import { ToFrontDoor } from "../../protocol/http.ts";
import type { EventSurroundings } from "./open-event.ts";
import type { OpenedEvent } from "./opened-event.ts";

/** The Worker, as events know it. */
export interface EventTarget {
  readonly surroundings: EventSurroundings;
  /** Calls the handler; inside of the invocation. May throw or give anything. */
  handle(opened: OpenedEvent, invocation: Invocation): unknown;
}

export interface EventRunOwner {
  send(message: unknown[]): void;
  /** It is over; nothing more is sent for its id. */
  forget(id: number): void;
}

export class EventRun implements Unsettled {
  readonly id: number;
  readonly invocation: Invocation;
  /** Where events are traced. */
  span: RootSpan | undefined;
  readonly #owner: EventRunOwner;
  #opened: OpenedEvent | undefined;
  #state: "handling" | "settled" | "answered" = "handling";
  #failure: EventAnswer | undefined;

  constructor(id: number, invocation: Invocation, owner: EventRunOwner) {
    this.id = id;
    this.invocation = invocation;
    this.#owner = owner;
    invocation.onEnd((reason) => {
      // ctx.abort: an answer is still owed.
      if (reason !== undefined) this.#fail(reason);
    });
  }

  start(event: WorkerEvent, target: EventTarget): void {
    runInvocation(this.invocation, () => void this.#run(event, target));
  }

  /** The host waits for a handler that has not settled. */
  get isUnsettled(): boolean {
    return this.#state === "handling";
  }

  cancelAsHung(error: Error): void {
    runInvocation(this.invocation, () => this.#fail(error));
  }

  /** The invocation is over by force, and the host has answered in its place. */
  breakOff(): void {
    if (this.#state === "answered") return;
    this.#state = "answered";
    this.#owner.forget(this.id);
  }

  /** Never rejects. */
  async #run(event: WorkerEvent, target: EventTarget): Promise<void> {
    try {
      // Loaded with the first event.
      const { openEvent } = await import("./open-event.ts");
      this.#opened = openEvent(event, target.surroundings);
      try {
        await target.handle(this.#opened, this.invocation);
      } finally {
        await this.#opened.settled?.();
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#settle();
  }

  #fail(error: unknown): void {
    if (this.#state !== "handling") return;
    logException(error, "Uncaught");
    this.#failure = { outcome: "exception", error: describeError(error) };
    this.span?.answered("exception", { error });
    this.#settle();
  }

  #settle(): void {
    if (this.#state !== "handling") return;
    this.#state = "settled";
    this.span?.answered("ok");
    const { invocation } = this;
    if (this.#opened?.waitsForTasks === false || invocation.ended) this.#answer();
    if (invocation.ended) this.#finish();
    else invocation.whenTasksDone(() => this.#finish());
  }

  #finish(): void {
    this.#answer();
    this.invocation.end();
    this.span?.end();
  }

  #answer(): void {
    if (this.#state === "answered") return;
    this.#state = "answered";
    const failed: EventAnswer = { outcome: "exception" };
    const answer: EventAnswer =
      this.#failure ?? (this.invocation.hasFailedTasks ? failed : { outcome: "ok" });
    const result = this.#opened?.result();
    this.#owner.send([ToFrontDoor.eventDone, this.id, { ...answer, ...result }]);
    this.#owner.forget(this.id);
  }
}

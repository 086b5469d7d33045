/**
 * One event other than a request on its way through a slot and a thread (protocol/events.ts). Lives on
 * the host's main thread; made by whoever has an event, given to `WorkerSlot.dispatch`. Its end is told
 * exactly once. Once a thread has begun with it, no other one gets it: half of its work may be done.
 */
import type { EventAnswer, WorkerEvent } from "../protocol/events.ts";
import { type HttpMessage, ToFrontDoor, ToWorker } from "../protocol/http.ts";
import type { Delivery, Failure } from "./delivery.ts";
import type { ThreadPort } from "./thread-port.ts";

export interface EventEnds {
  /** The handler and its waitUntil work are done, or were ended for a limit. */
  readonly onAnswer: (answer: EventAnswer) => void;
  /** No thread took it, or its thread went before it was done. */
  readonly onFailure: (failure: Failure) => void;
}

export class EventDelivery implements Delivery {
  readonly #event: WorkerEvent;
  readonly #ends: EventEnds;
  #isDone = false;
  #hasBegun = false;
  #leave: (() => void) | undefined;

  constructor(event: WorkerEvent, ends: EventEnds) {
    this.#event = event;
    this.#ends = ends;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get isReplayable(): boolean {
    return !this.#isDone && !this.#hasBegun;
  }

  park(): void {}

  start(channel: ThreadPort, id: number): void {
    this.#leave = () => channel.leave(id);
    channel.send([ToWorker.event, id, this.#event]);
  }

  onMessage(message: HttpMessage): void {
    this.#hasBegun = true;
    if (message[0] !== ToFrontDoor.eventDone) return;
    const answer = message[2] as EventAnswer;
    this.#end(() => this.#ends.onAnswer(answer));
  }

  fail(failure: Failure): void {
    const { outcome } = failure;
    this.#end(() => {
      if (outcome === undefined) this.#ends.onFailure(failure);
      else this.#ends.onAnswer({ outcome });
    });
  }

  shutDown(): void {}

  #end(tell: () => void): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#leave?.();
    tell();
  }
}

/**
 * A body that a Worker streams, on its way to the client: held against the length that was announced, coded
 * as the client takes it, and paid back to the thread as credit when the client has taken it. Lives on the
 * host's main thread; one per such answer, owned by exchange.ts.
 */
import type { ServerResponse } from "node:http";
import { STREAM_WINDOW } from "../protocol/http.ts";
import type { Recoding } from "./answer-coding.ts";
import { gatherWrites } from "./answer-writer.ts";
import { BodyRecoder } from "./body-recoder.ts";

export interface ResponseBodyOwner {
  /** The client took so many bytes: the thread may send as many more. */
  onTaken(bytes: number): void;
  /** It cannot be completed: the connection is to be cut. */
  onUnfinished(): void;
  /** All of it is here: the thread has said its last. */
  onWritten(): void;
  /** `isWhole`: the client has it all; else it went away before. */
  onSent(isWhole: boolean): void;
}

export interface ResponseBodyOptions {
  /** In bytes, before it is coded; -1 where it is not known. */
  readonly length: number;
  /** Where the client takes it in another coding than the Worker sends it. */
  readonly recoding: Recoding | undefined;
  /** What follows the last byte. */
  readonly tail: Uint8Array | undefined;
}

/** Credit goes back in portions of this size. */
const CREDIT_STEP = STREAM_WINDOW / 4;

const bodies: WeakMap<ServerResponse, ResponseBody> = new WeakMap();

export class ResponseBody {
  readonly #response: ServerResponse;
  readonly #owner: ResponseBodyOwner;
  readonly #recoder: BodyRecoder | undefined;
  readonly #tail: Uint8Array | undefined;
  /** Bytes that are still to come; -1 where the length is not known. */
  #remaining: number;
  /** Bytes written but not yet returned as credit. */
  #taken = 0;

  /** The head of `response` has been written. */
  constructor(
    response: ServerResponse,
    { length, recoding, tail }: ResponseBodyOptions,
    owner: ResponseBodyOwner,
  ) {
    this.#response = response;
    this.#owner = owner;
    this.#remaining = length;
    this.#tail = tail;
    bodies.set(response, this);
    response.on("error", ignoreError);
    if (recoding === undefined) response.on("drain", onDrain);
    else {
      this.#recoder = new BodyRecoder(recoding, response, {
        onDrain: () => this.giveCredit(),
        onError: () => owner.onUnfinished(),
      });
    }
  }

  /** All of it at once, to be coded. */
  writeWhole(bytes: Uint8Array): void {
    this.#recoder?.write(bytes);
    this.end();
  }

  write(bytes: Uint8Array): void {
    if (this.#remaining >= 0) {
      this.#remaining -= bytes.byteLength;
      // More than was announced would be read as the next response.
      if (this.#remaining < 0) {
        this.#owner.onUnfinished();
        return;
      }
    }
    this.#taken += bytes.byteLength;
    gatherWrites(this.#response);
    if ((this.#recoder ?? this.#response).write(bytes)) this.giveCredit();
  }

  /** The last byte has been written. */
  end(): void {
    if (this.#remaining > 0) {
      this.#owner.onUnfinished();
      return;
    }
    const response = this.#response;
    if (this.#tail !== undefined) (this.#recoder ?? response).write(this.#tail);
    (this.#recoder ?? response).end();
    this.#owner.onWritten();
    // Logged when the client has it all: a slow reader may still go away.
    if (response.destroyed) this.#owner.onSent(false);
    else if (response.writableFinished) this.#owner.onSent(true);
    else response.once("finish", onFinish);
  }

  /** The client took what was buffered. */
  giveCredit(): void {
    if (this.#taken < CREDIT_STEP) return;
    const taken = this.#taken;
    this.#taken = 0;
    this.#owner.onTaken(taken);
  }

  onFinish(): void {
    this.#owner.onSent(true);
  }
}

function onDrain(this: ServerResponse): void {
  bodies.get(this)?.giveCredit();
}

function onFinish(this: ServerResponse): void {
  bodies.get(this)?.onFinish();
}

/** Writing to a connection that just broke: its "close" event follows and ends the exchange. */
function ignoreError(): void {}

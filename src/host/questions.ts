/** Questions to a thread that are answered by number, or not at all if it is in a loop. */
import { createDeferred } from "../util/deferred.ts";

const ANSWER_LIMIT_MS = 300;

export class Questions<Answer> {
  readonly #open: Map<number, (answer: Answer | undefined) => void> = new Map();
  #last = 0;

  /** `send` posts the question under its number. Resolves undefined if no answer comes in time. */
  ask(send: (request: number) => void): Promise<Answer | undefined> {
    const request = ++this.#last;
    const { promise, resolve } = createDeferred<Answer | undefined>();
    this.#open.set(request, resolve);
    setTimeout(() => this.answer(request, undefined), ANSWER_LIMIT_MS).unref();
    send(request);
    return promise;
  }

  answer(request: number, answer: Answer | undefined): void {
    this.#open.get(request)?.(answer);
    this.#open.delete(request);
  }
}

/** Questions to a thread that are answered by number, or not at all if it is in a loop. */
import { createDeferred } from "../util/deferred.ts";

/** For whoever is not in a hurry it is only the moment at which the thread is looked at. */
const ANSWER_LIMIT_MS = 300;
/** However the thread looks. */
const LONGEST_MS = 10_000;

export class Questions<Answer> {
  readonly #open: Map<number, (answer: Answer | undefined) => void> = new Map();
  #last = 0;

  /**
   * `send` posts the question under its number. Resolves undefined if no answer comes in time: when that is over
   * and `isLost` says that none will come, which a thread that waits for a processor is not. Without `isLost` at once.
   */
  ask(
    send: (request: number) => void,
    isLost: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<Answer | undefined> {
    const request = ++this.#last;
    const { promise, resolve } = createDeferred<Answer | undefined>();
    this.#open.set(request, resolve);
    const startedAt = performance.now();
    const look = async (): Promise<void> => {
      if (!this.#open.has(request)) return;
      const isLate = performance.now() - startedAt > LONGEST_MS;
      if (isLate || (await isLost())) this.answer(request, undefined);
      else setTimeout(look, ANSWER_LIMIT_MS).unref();
    };
    setTimeout(look, ANSWER_LIMIT_MS).unref();
    send(request);
    return promise;
  }

  answer(request: number, answer: Answer | undefined): void {
    this.#open.get(request)?.(answer);
    this.#open.delete(request);
  }
}

/** The counting of handles that all hooks have in common (contracts/hook.ts). */
import type { Asked } from "../contracts/ask.ts";
import type { SessionRole } from "../contracts/ends.ts";
import type { Hook } from "../contracts/hook.ts";
import type { Origin } from "../origin.ts";

export abstract class CountedHook implements Hook {
  #handles = 1;

  get isImport(): boolean {
    return false;
  }

  retain(): this {
    this.#handles += 1;
    return this;
  }

  release(): void {
    this.#handles -= 1;
    if (this.#handles === 0) this.onReleased();
  }

  releaseFrom(_role: SessionRole): void {
    this.release();
  }

  abstract ask(path: readonly string[], args: readonly unknown[] | undefined): Asked;

  setOrigin(_origin: Origin): void {}

  protected abstract onReleased(): void;
}

/** The hook of a stub that was disposed before it was sent: it arrives, and refuses what is asked of it. */
import type { Asked } from "../contracts/ask.ts";
import type { Core } from "../contracts/core.ts";
import { stubDisposed } from "../error-texts.ts";
import { CountedHook } from "./counted-hook.ts";
import { Question } from "./question.ts";

export class DisposedHook extends CountedHook {
  readonly #core: Core;

  constructor(core: Core) {
    super();
    this.#core = core;
  }

  override ask(_path: readonly string[], args: readonly unknown[] | undefined): Asked {
    return Question.refused(this.#core, args, () => new Error(stubDisposed));
  }

  protected override onReleased(): void {}
}

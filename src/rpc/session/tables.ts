/**
 * What a session holds, by number (docs/protocol.md, "Ids"): what was asked and is answered in it,
 * and the capabilities that went either way. Owned by the session; a session with nothing in its
 * tables is over.
 */
import type { Answer } from "../calls/answer.ts";
import type { Question } from "../calls/question.ts";
import type { Hook, ImportedHook } from "../contracts/hook.ts";
import type { PipeEnd, SignalEnd } from "../contracts/streams.ts";
import { Table } from "../table.ts";

/** For the tables of pipes and signals. */
export const keepsOpen = (end: { readonly keepsOpen: boolean }): boolean => end.keepsOpen;

export class SessionTables {
  readonly questions: Table<Question> = new Table();
  readonly answers: Table<Answer> = new Table();
  readonly exports: Table<Hook> = new Table();
  readonly imports: Table<ImportedHook> = new Table();
  /** Positive ids: introduced here; negative: by the peer. */
  readonly pipes: Table<PipeEnd> = new Table();
  readonly signals: Table<SignalEnd> = new Table();
  #lastExport = 0;
  #lastPipe = 0;
  #lastSignal = 0;

  /** Returns the number that the peer will know it by; so do the next two. */
  addExport(hook: Hook): number {
    this.#lastExport += 1;
    this.exports.set(this.#lastExport, hook);
    return this.#lastExport;
  }

  addPipe(pipe: PipeEnd): number {
    this.#lastPipe += 1;
    this.pipes.set(this.#lastPipe, pipe);
    return this.#lastPipe;
  }

  addSignal(signal: SignalEnd): number {
    this.#lastSignal += 1;
    this.signals.set(this.#lastSignal, signal);
    return this.#lastSignal;
  }

  /** Entries of all tables. */
  get size(): number {
    return this.answers.size + this.signals.size + this.#others;
  }

  /** Whether the opener has nothing in them that the session has to stay open for. */
  get isEmpty(): boolean {
    return this.answers.size + this.#others === 0 && !this.signals.some(keepsOpen);
  }

  /** The same for a callee that gives its only answer right now. */
  get isEmptyButForAnswers(): boolean {
    return this.#others === 0 && !this.signals.some(keepsOpen);
  }

  get #others(): number {
    return this.questions.size + this.exports.size + this.imports.size + this.pipes.size;
  }
}

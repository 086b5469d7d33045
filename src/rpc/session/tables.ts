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
  /** Made when the first capability travels: most sessions are a call with data and end with it. */
  #capabilities: CapabilityTables | undefined;
  #lastExport = 0;
  #lastPipe = 0;
  #lastSignal = 0;

  get exports(): Table<Hook> {
    return this.#own.exports;
  }

  get imports(): Table<ImportedHook> {
    return this.#own.imports;
  }

  /** Positive ids: introduced here; negative: by the peer. */
  get pipes(): Table<PipeEnd> {
    return this.#own.pipes;
  }

  get signals(): Table<SignalEnd> {
    return this.#own.signals;
  }

  /** Whether a capability has ever travelled: else the four tables above need not be looked at. */
  get hasCapabilities(): boolean {
    return this.#capabilities !== undefined;
  }

  get #own(): CapabilityTables {
    this.#capabilities ??= new CapabilityTables();
    return this.#capabilities;
  }

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
    const all = this.#capabilities;
    const signals = all === undefined ? 0 : all.signals.size;
    return this.answers.size + signals + this.#others;
  }

  /** Whether the opener has nothing in them that the session has to stay open for. */
  get isEmpty(): boolean {
    return this.answers.size + this.#others === 0 && !this.#hasSignals;
  }

  /** The same for a callee that gives its only answer right now. */
  get isEmptyButForAnswers(): boolean {
    return this.#others === 0 && !this.#hasSignals;
  }

  get #hasSignals(): boolean {
    return this.#capabilities?.signals.some(keepsOpen) === true;
  }

  get #others(): number {
    const all = this.#capabilities;
    if (all === undefined) return this.questions.size;
    return this.questions.size + all.exports.size + all.imports.size + all.pipes.size;
  }
}

class CapabilityTables {
  readonly exports: Table<Hook> = new Table();
  readonly imports: Table<ImportedHook> = new Table();
  readonly pipes: Table<PipeEnd> = new Table();
  readonly signals: Table<SignalEnd> = new Table();
}

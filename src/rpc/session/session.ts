/**
 * One session: everything that grew out of one call on a ServiceStub (spec/rpc.md 4.3). The two
 * ends are alike; only the end differs: the opener says when nothing is left, because whatever the
 * callee could still send belongs to an entry in the opener's tables (docs/protocol.md, "Ends").
 *
 * Owns its tables, inbox and outbox. Belongs to one context and dies with it. Asked by stubs and
 * hooks, answers through calls/answer.ts, opened and attached by engine.ts, link.ts and loopback.ts.
 */

import { evaluateLocally } from "../calls/local-result.ts";
import { Question } from "../calls/question.ts";
import { encode } from "../codec/encode.ts";
import { isFlat } from "../codec/flat.ts";
import { encodeError } from "../codec/thrown.ts";
import type {
  AcceptedSession,
  CallRecord,
  Context,
  EndListener,
  ServiceChannel,
  SessionSpans,
  SpanCall,
} from "../contract.ts";
import type { AnswerHandle } from "../contracts/answer.ts";
import type { Core, SharedBudget } from "../contracts/core.ts";
import type { CloseReason, SessionRole } from "../contracts/ends.ts";
import type { Hook, ImportedHook } from "../contracts/hook.ts";
import type { Cargo, EncodedValue } from "../contracts/payload.ts";
import type { PipeEnd, SignalEnd } from "../contracts/streams.ts";
import { Op, ReturnFlag } from "../frames.ts";
import { CalleeHold } from "./callee-hold.ts";
import { commitPayload } from "./caps.ts";
import { failByReason, finishReason } from "./close-reason.ts";
import { Inbox, type InboxSession } from "./inbox.ts";
import { reportLeaks } from "./leaks.ts";
import { type FrameSink, Outbox } from "./outbox.ts";
import { askFrame, openFrame, putPayload, returnFrame } from "./outgoing.ts";
import { SessionTables } from "./tables.ts";

export interface SessionOptions {
  readonly core: Core;
  readonly context: Context;
  readonly role: SessionRole;
  /** Binding or service name, for reports. */
  readonly label: string;
  readonly accepted?: AcceptedSession;
  /** Of the caller's: where it leads. */
  readonly channel?: ServiceChannel;
  /** Of the caller's, where somebody records them. */
  readonly spans?: SessionSpans | undefined;
  /** Of the callee's; held, and released with the session. */
  readonly budget?: SharedBudget;
}

export class Session implements InboxSession, EndListener {
  readonly core: Core;
  readonly context: Context;
  readonly role: SessionRole;
  readonly label: string;
  readonly tables: SessionTables = new SessionTables();
  closed: CloseReason | undefined;
  isEvent = false;
  earlier: EndListener | undefined;
  later: EndListener | undefined;
  readonly #channel: ServiceChannel | undefined;
  readonly #accepted: AcceptedSession | undefined;
  readonly #spans: SessionSpans | undefined;
  readonly #budget: SharedBudget | undefined;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #hold: CalleeHold | undefined;
  #onClosed: (() => void) | undefined;
  #lastQuestion = 0;

  constructor(options: SessionOptions) {
    this.core = options.core;
    this.context = options.context;
    this.role = options.role;
    this.label = options.label;
    this.#accepted = options.accepted;
    this.#channel = options.channel;
    this.#spans = options.spans;
    this.#budget = options.budget;
    if (this.role === "callee") this.#hold = new CalleeHold(this, this.tables);
    this.#inbox = new Inbox(this, options.accepted);
    this.#outbox = new Outbox(this);
    this.context.addEndListener(this);
  }

  /** Frames sent before the link was there follow now. `wireId`: positive if opened from here. */
  attach(sink: FrameSink, wireId: number): void {
    this.#outbox.attach(sink, wireId);
  }

  /** See Outbox.prepare. */
  prepare(sink: FrameSink): void {
    this.#outbox.prepare(sink);
  }

  receive(frame: readonly unknown[]): void {
    this.#inbox.receive(frame);
  }

  /** See Inbox.onOpen. */
  onOpen(frame: readonly unknown[], at: number): void {
    this.#inbox.onOpen(frame, at);
  }

  post(frame: unknown[], cargo?: Cargo): void {
    this.#outbox.post(frame, cargo);
  }

  get isParked(): boolean {
    return this.#accepted?.isParked?.() === true;
  }

  inContext<T>(fn: () => T): T {
    return this.core.host.runInContext(this.context, fn);
  }

  /* ------------------------------ asking ---------------------------------- */

  ask(on: number, path: readonly string[], args: readonly unknown[] | undefined): Question {
    const kind = args === undefined ? "get" : "call";
    const frame = askFrame(kind, this.#lastQuestion + 1, on, path);
    return this.#ask(frame, on, kind, path, args);
  }

  /** The first question of a session of the opener, in the frame that opens it. */
  open(
    target: unknown,
    kind: "call" | "get" | "event",
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): Question {
    this.isEvent = kind === "event";
    const { context } = this;
    const frame = openFrame(target, context, this.core.invocationsOf(context), kind, path);
    const question = this.#ask(frame, 0, kind, path, args);
    // The arguments could not be serialized: nothing was opened.
    if (question.state !== "pending") this.close({ type: "done" });
    return question;
  }

  /** `frame`: with a last field that the payload takes the place of. */
  #ask(
    frame: unknown[],
    on: number,
    kind: "call" | "get" | "event",
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): Question {
    this.#lastQuestion += 1;
    const { questions } = this.tables;
    const isOnMain = on === 0 || (on < 0 && questions.get(-on)?.isOnMain === true);
    const question = new Question(this.core, this, this.#lastQuestion, on, path, kind, isOnMain);
    const { trace } = this.context;
    if (trace.sampled === true || this.#spans !== undefined) {
      question.span = this.#record(question, kind, args);
    }
    if (frame[0] === Op.open) frame[3] = this.core.traceText(trace, question.span?.ref);
    if (this.closed !== undefined) {
      const unsendable = this.core.giveUp(args);
      if (unsendable !== undefined) question.fail(unsendable);
      else failByReason(question, this.closed);
      return question;
    }
    let cargo: Cargo | undefined;
    // A read, or a call without arguments: no payload.
    if (args === undefined || args.length === 0) frame.pop();
    else if (isFlat(args)) frame[frame.length - 1] = args;
    else {
      try {
        const encoded = this.encode(args);
        putPayload(frame, this.commit(encoded, "params", undefined));
        cargo = encoded;
      } catch (error) {
        question.fail(() => error);
        return question;
      }
    }
    question.asked = true;
    question.section = this.context.gates?.section?.();
    questions.set(question.id, question);
    this.context.acquire();
    this.post(frame, cargo);
    this.#hold?.settle();
    return question;
  }

  /** What a local stub leads to is nobody else's: there is nothing to tell. */
  #record(
    { id, on, path }: Question,
    kind: SpanCall["kind"],
    args: readonly unknown[] | undefined,
  ): CallRecord | undefined {
    if (this.role === "loopback") return undefined;
    const isFirst = this.role === "caller" && id === 1;
    return this.core.host.tracer?.asked(
      this.context,
      {
        target: isFirst ? this.#channel?.token : undefined,
        isResource: isFirst && this.#channel?.isResource === true,
        kind,
        path,
        args,
        id,
        on,
      },
      this.#spans,
    );
  }

  encode(value: unknown): EncodedValue {
    const { deep, movable } = this.#outbox;
    return encode(this.core, value, { deep, movable, rules: this.isEvent ? "event" : "rpc" });
  }

  /** Table entries for the capabilities that were found; the fields of a payload, to be posted. */
  commit(
    encoded: EncodedValue,
    mode: "params" | "result",
    answer: AnswerHandle | undefined,
  ): unknown[] {
    return commitPayload(this, encoded, mode, answer);
  }

  finish(questionId: number): void {
    if (this.tables.questions.take(questionId) === undefined || this.closed !== undefined) return;
    if (!this.#endIfEmpty()) this.post([Op.finish, 0, questionId]);
    this.#hold?.settle();
  }

  /* ------------------------------ tables ---------------------------------- */

  export(hook: Hook): number {
    // An introducer lives for as long as what it passed on is out (spec/rpc.md 4.3).
    if (hook.isImport) this.context.acquire();
    return this.tables.addExport(hook);
  }

  dropExport(id: number): void {
    const hook = this.tables.exports.take(id);
    if (hook === undefined) return;
    hook.release();
    if (hook.isImport) this.context.drop();
  }

  import(id: number, hook: ImportedHook): void {
    this.tables.imports.set(id, hook);
  }

  releaseImport(id: number): void {
    if (this.tables.imports.take(id) === undefined || this.closed !== undefined) return;
    if (!this.#endIfEmpty()) this.post([Op.release, 0, id]);
    this.#hold?.settle();
  }

  addPipe(pipe: PipeEnd): number {
    return this.tables.addPipe(pipe);
  }

  acceptPipe(id: number, pipe: PipeEnd): void {
    this.tables.pipes.set(id, pipe);
  }

  dropPipe(id: number): void {
    if (this.tables.pipes.take(id) !== undefined) this.onDropped();
  }

  addSignal(signal: SignalEnd): number {
    return this.tables.addSignal(signal);
  }

  acceptSignal(id: number, signal: SignalEnd): void {
    this.tables.signals.set(id, signal);
  }

  dropSignal(id: number): void {
    if (this.tables.signals.take(id) !== undefined) this.onDropped();
  }

  settle(): void {
    this.#hold?.settle();
  }

  onDropped(): void {
    if (this.closed !== undefined) return;
    this.#endIfEmpty();
    this.#hold?.settle();
  }

  /** The opener ends the session when it holds nothing of it. */
  #endIfEmpty(): boolean {
    if (this.role !== "caller" || !this.tables.isEmpty) return false;
    this.post([Op.end, 0]);
    this.close({ type: "done" });
    return true;
  }

  /** What was pipelined in the meantime is answered here. */
  onFinal(question: Question): void {
    const { questions } = this.tables;
    questions.take(question.id);
    const others = questions.clear();
    this.close({ type: "done" });
    for (const other of others) {
      this.context.drop();
      evaluateLocally(this.core, question, other, others);
    }
  }

  /* ------------------------------ replies --------------------------------- */

  return(
    answer: AnswerHandle,
    encoded: EncodedValue,
    hasDisposer: boolean,
    pipelined: boolean,
  ): void {
    const flags = hasDisposer ? ReturnFlag.hasDisposer : 0;
    // Capabilities can be pipelined on, tokens of services too, which leave no entry.
    const mayBeFinal = encoded.caps === undefined && !hasDisposer && !pipelined;
    const frame = returnFrame(answer.id, flags, this.core.invocationsOf(this.context));
    try {
      putPayload(frame, this.commit(encoded, "result", answer));
    } catch (error) {
      this.throw(answer, error, pipelined);
      return;
    }
    this.#reply(answer, frame, mayBeFinal, encoded);
  }

  throw(answer: AnswerHandle, error: unknown, pipelined: boolean): void {
    const fields = encodeError(this.core, error);
    const head = [Op.throw, 0, answer.id, 0, this.core.invocationsOf(this.context)];
    this.#reply(answer, [...head, ...fields], !pipelined);
  }

  #reply(answer: AnswerHandle, frame: unknown[], mayBeFinal: boolean, cargo?: Cargo): void {
    answer.disposeParams();
    const final = mayBeFinal && this.#isFinal();
    if (final) frame[3] = (frame[3] as number) | ReturnFlag.final;
    this.post(frame, cargo);
    if (!final) return;
    this.tables.answers.take(answer.id);
    answer.finish();
    this.close({ type: "done" });
  }

  /** With this reply nothing is left of the session: it needs neither finish nor end. */
  #isFinal(): boolean {
    if (this.role !== "callee" || this.#inbox.answered > 1) return false;
    // A reply that the output gate holds back can still be replaced.
    return this.tables.isEmptyButForAnswers && !this.#outbox.isHeldBack;
  }

  /* ------------------------------ the end --------------------------------- */

  onContextEnd(reason: unknown): void {
    if (this.closed !== undefined) return;
    reportLeaks(this, this.tables);
    if (this.role === "caller") this.#outbox.send([Op.cancel, 0]);
    else if (this.role === "callee") {
      const error = reason === undefined ? 0 : encodeError(this.core, reason);
      this.#outbox.send([Op.revoke, 0, error]);
    }
    this.close({ type: "context-ended" });
  }

  revoke(error: unknown): void {
    if (this.closed !== undefined) return;
    if (this.role === "caller") this.#outbox.send([Op.cancel, 0]);
    else this.#outbox.send([Op.revoke, 0, encodeError(this.core, error)]);
    this.close({ type: "revoked", error: () => error, isOwn: true });
  }

  onRevoked(error: unknown): void {
    this.#channel?.onRevoked?.(error);
  }

  callerLeft(): void {
    if (this.isEvent) this.#accepted?.callerLeft?.();
  }

  /** `listener` runs once, when the session is over. */
  onClosed(listener: () => void): void {
    if (this.closed === undefined) this.#onClosed = listener;
    else listener();
  }

  close(reason: CloseReason): void {
    if (this.closed !== undefined) return;
    this.closed = reason;
    this.context.removeEndListener(this);
    this.#outbox.close();
    const isCallers = reason.type === "canceled" || reason.type === "lost";
    if (isCallers) this.callerLeft();
    const { tables } = this;
    for (const question of tables.questions.clear()) {
      if (question.state !== "pending") continue;
      this.context.drop();
      failByReason(question, reason);
    }
    for (const answer of tables.answers.clear()) answer.finish();
    if (tables.hasCapabilities) this.#closeCapabilities(reason);
    this.#hold?.end();
    this.#spans?.closed();
    this.#onClosed?.();
    this.#budget?.release(this.context);
    this.#accepted?.finished(finishReason(reason), isCallers);
  }

  #closeCapabilities(reason: CloseReason): void {
    const { exports, imports, pipes, signals } = this.tables;
    for (const hook of exports.clear()) {
      hook.releaseFrom(this.role);
      if (hook.isImport) this.context.drop();
    }
    for (const pipe of pipes.clear()) pipe.onLost(reason);
    for (const signal of signals.clear()) signal.onLost(reason);
    imports.clear();
  }
}

/**
 * One session: everything that grew out of one call on a ServiceStub (spec/rpc.md 4.3). The two
 * ends are alike; only the end differs: the opener says when nothing is left, because whatever the
 * callee could still send belongs to an entry in the opener's tables (docs/protocol.md, "Ends").
 *
 * Owns the tables of the session. Belongs to one context and dies with it. Driven by link.ts and
 * loopback.ts (frames in), by stubs and hooks (questions), by answers (replies).
 */
import { Answer, type Incoming } from "./answer.ts";
import { CalleeHold, keepsOpen } from "./callee-hold.ts";
import { commitPayload } from "./caps.ts";
import { type CloseReason, failByReason, finishReason } from "./close-reason.ts";
import { encode, isFlat } from "./codec/encode.ts";
import type { Cargo, EncodedValue } from "./codec/encoded.ts";
import type { AcceptedSession, Context, EndListener } from "./contract.ts";
import type { Core } from "./core.ts";
import { hostContextGone } from "./error-texts.ts";
import { decodeError, encodeError } from "./errors.ts";
import { Op, OpenKind, ReturnFlag } from "./frames.ts";
import { type Hook, TargetHook } from "./hook.ts";
import type { ImportHook } from "./import.ts";
import { readQuestion, readReturn, readThrow } from "./incoming.ts";
import { InputGate } from "./input-gate.ts";
import { reportLeaks } from "./leaks.ts";
import { evaluateLocally } from "./local-result.ts";
import { MainTarget } from "./main-target.ts";
import { type FrameSink, Outbox } from "./outbox.ts";
import { Question, type Reply } from "./question.ts";
import type { PipeEnd, SignalEnd } from "./streams/kit.ts";
import { Table } from "./table.ts";

export type SessionRole = "caller" | "callee" | "loopback";

export interface SessionOptions {
  readonly core: Core;
  readonly context: Context;
  readonly role: SessionRole;
  /** Binding or service name, for reports. */
  readonly label: string;
  readonly accepted?: AcceptedSession;
}

export class Session implements EndListener {
  readonly core: Core;
  readonly context: Context;
  readonly role: SessionRole;
  readonly label: string;
  /** Number on the link; positive if opened from here. 0 until attached. */
  wireId = 0;
  readonly questions: Table<Question> = new Table();
  readonly answers: Table<Answer> = new Table();
  readonly exports: Table<Hook> = new Table();
  readonly imports: Table<ImportHook> = new Table();
  /** Positive ids: introduced here; negative: by the peer. */
  readonly pipes: Table<PipeEnd> = new Table();
  readonly signals: Table<SignalEnd> = new Table();
  closed: CloseReason | undefined;
  /** It carries an event: its streams are bodies (streams/body-ends.ts). */
  isEvent = false;
  readonly #accepted: AcceptedSession | undefined;
  readonly #main: MainTarget | undefined;
  readonly #outbox: Outbox;
  readonly #inputGate: InputGate | undefined;
  readonly #hold: CalleeHold | undefined;
  #onClosed: (() => void) | undefined;
  #lastQuestion = 0;
  #lastExport = 0;
  #lastPipe = 0;
  #lastSignal = 0;
  #answered = 0;

  constructor(options: SessionOptions) {
    this.core = options.core;
    this.context = options.context;
    this.role = options.role;
    this.label = options.label;
    this.#accepted = options.accepted;
    if (options.accepted !== undefined) this.#main = new MainTarget(this, options.accepted);
    if (this.role === "callee") this.#hold = new CalleeHold(this);
    if (this.context.gates?.input !== undefined) this.#inputGate = new InputGate(this);
    this.#outbox = new Outbox(this);
    this.context.addEndListener(this);
  }

  /** Frames sent before the link was there follow now. */
  attach(sink: FrameSink, wireId: number): void {
    this.wireId = wireId;
    this.#outbox.attach(sink, wireId);
  }

  /** See Outbox.prepare. */
  prepare(sink: FrameSink): void {
    this.#outbox.prepare(sink);
  }

  get deep(): boolean {
    return this.#outbox.deep;
  }

  /** `cargo`: what the payload in the frame was encoded to. */
  post(frame: unknown[], cargo?: Cargo): void {
    this.#outbox.post(frame, cargo);
  }

  inContext<T>(fn: () => T): T {
    return this.core.host.runInContext(this.context, fn);
  }

  /* ------------------------------ asking ---------------------------------- */

  /** Ask the peer. `on`: 0 its main object, > 0 its export, < 0 our question. Never throws. */
  ask(on: number, path: readonly string[], args: readonly unknown[] | undefined): Question {
    const kind = args === undefined ? "get" : "call";
    return this.#ask([Op[kind], 0, this.#lastQuestion + 1, on], on, kind, path, args);
  }

  /** The first question of a session of the opener, in the frame that opens it. */
  open(
    head: readonly unknown[],
    kind: "call" | "get" | "event",
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): Question {
    this.isEvent = kind === "event";
    const question = this.#ask([Op.open, 0, ...head, OpenKind[kind]], 0, kind, path, args);
    // The arguments could not be serialized: nothing was opened.
    if (question.state !== "pending") this.close({ type: "done" });
    return question;
  }

  #ask(
    frame: unknown[],
    on: number,
    kind: "call" | "get" | "event",
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): Question {
    this.#lastQuestion += 1;
    const question = new Question(this.core, this, this.#lastQuestion, on, path, kind);
    if (this.closed !== undefined) {
      const unsendable = this.core.giveUp(args);
      if (unsendable !== undefined) question.fail(unsendable);
      else failByReason(question, this.closed);
      return question;
    }
    frame.push(path.length === 1 ? path[0] : path);
    let cargo: Cargo | undefined;
    if (args === undefined || args.length === 0) {
      // A read, or a call without arguments: no payload.
    } else if (isFlat(args)) frame.push(args);
    else {
      try {
        const encoded = this.encode(args);
        frame.push(...this.commit(encoded, "params", undefined));
        cargo = encoded;
      } catch (error) {
        question.fail(() => error);
        return question;
      }
    }
    question.asked = true;
    this.questions.set(question.id, question);
    this.context.acquire();
    this.post(frame, cargo);
    this.#hold?.settle();
    return question;
  }

  encode(value: unknown): EncodedValue {
    const { deep, movable } = this.#outbox;
    return encode(this.core, value, { deep, movable, rules: this.isEvent ? "event" : "rpc" });
  }

  /** Table entries for the capabilities that were found; the fields of a payload, to be posted. */
  commit(encoded: EncodedValue, mode: "params" | "result", answer: Answer | undefined): unknown[] {
    return commitPayload(this, encoded, mode, answer);
  }

  /** The asker needs the question no more: tell the peer, or end the session with it. */
  finish(question: Question): void {
    if (this.questions.take(question.id) === undefined || this.closed !== undefined) return;
    if (!this.#endIfEmpty()) this.post([Op.finish, 0, question.id]);
    this.#hold?.settle();
  }

  /* ------------------------------ tables ---------------------------------- */

  export(hook: Hook): number {
    this.#lastExport += 1;
    this.exports.set(this.#lastExport, hook);
    // An introducer lives for as long as what it passed on is out (spec/rpc.md 4.3).
    if (hook.isImport) this.context.acquire();
    return this.#lastExport;
  }

  /** The peer needs it no more, or never came to know of it. */
  dropExport(id: number): void {
    const hook = this.exports.take(id);
    if (hook === undefined) return;
    hook.release();
    if (hook.isImport) this.context.drop();
  }

  /** The last handle of an import has gone. */
  releaseImport(id: number): void {
    if (this.imports.take(id) === undefined || this.closed !== undefined) return;
    if (!this.#endIfEmpty()) this.post([Op.release, 0, id]);
    this.#hold?.settle();
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

  /** A pipe has come to its end here, or a signal has fired. */
  drop(ends: Table<PipeEnd> | Table<SignalEnd>, id: number): void {
    if (ends.take(id) === undefined || this.closed !== undefined) return;
    this.#endIfEmpty();
    this.#hold?.settle();
  }

  /** The opener ends the session when it holds nothing of it. */
  #endIfEmpty(): boolean {
    if (this.role !== "caller" || this.questions.size > 0) return false;
    const { answers, exports, imports, pipes } = this;
    if (answers.size + exports.size + imports.size + pipes.size > 0) return false;
    if (this.signals.some(keepsOpen)) return false;
    this.post([Op.end, 0]);
    this.close({ type: "done" });
    return true;
  }

  /* ------------------------------ frames in ------------------------------- */

  receive(frame: readonly unknown[]): void {
    const id = frame[2] as number;
    switch (frame[0]) {
      case Op.call:
        this.#onAsk(id, frame[3] as number, readQuestion(this, frame, 4, 5));
        return;
      case Op.get:
        this.#onAsk(id, frame[3] as number, readQuestion(this, frame, 4, undefined));
        return;
      case Op.return: {
        const question = this.questions.get(id);
        if (question !== undefined)
          this.#onReply(question, frame, readReturn(this, question, frame));
        return;
      }
      case Op.throw: {
        const question = this.questions.get(id);
        if (question !== undefined) this.#onReply(question, frame, readThrow(this, frame));
        return;
      }
      case Op.finish:
        this.answers.take(id)?.finish();
        this.#hold?.settle();
        return;
      case Op.release:
        this.dropExport(id);
        this.#endIfEmpty();
        this.#hold?.settle();
        return;
      case Op.end:
        this.close({ type: "done" });
        return;
      case Op.cancel:
        this.close({ type: "canceled" });
        return;
      case Op.revoke:
        this.#onRevoke(frame[2]);
        return;
      case Op.abortSignal:
        this.signals.get(-id)?.onAbort(frame);
        return;
      default:
        this.pipes.get(-id)?.onFrame(frame);
    }
  }

  /** The first question, which came with the frame that opened the session. */
  onOpen(frame: readonly unknown[], at: number): void {
    const kind = frame[at] as number;
    const valueAt = kind === OpenKind.get ? undefined : at + 2;
    const incoming = readQuestion(this, frame, at + 1, valueAt);
    if (kind === OpenKind.event) {
      this.isEvent = true;
      const answer = this.#newAnswer(1, incoming);
      const accepted = this.#accepted;
      this.#deliver(undefined, () =>
        this.inContext(() =>
          answer.runEvent((args) => accepted?.event(incoming.path[0] ?? "", args)),
        ),
      );
    } else {
      this.#onAsk(1, 0, incoming);
    }
  }

  #newAnswer(id: number, incoming: Incoming): Answer {
    this.#answered += 1;
    const answer = new Answer(this, id, incoming);
    this.answers.set(id, answer);
    this.#hold?.settle();
    return answer;
  }

  #onAsk(id: number, on: number, incoming: Incoming): void {
    const answer = this.#newAnswer(id, incoming);
    const main = this.#main;
    const hook = on > 0 ? this.exports.get(on) : undefined;
    const parent = on < 0 ? this.answers.get(-on) : undefined;
    if (on === 0 && main !== undefined) {
      this.#deliver(undefined, () => main.run(answer));
    } else if (hook instanceof TargetHook) {
      const { host } = this.core;
      this.#deliver(hook, () => host.runInContext(hook.context, () => answer.run(hook, hook)));
    } else if (hook !== undefined) {
      this.#deliver(undefined, () => this.inContext(() => answer.forward(hook)));
    } else if (parent !== undefined) {
      this.#deliver(undefined, () => parent.pipeline(answer));
    } else {
      answer.reject(new Error(hostContextGone));
    }
  }

  #deliver(hook: TargetHook | undefined, start: () => void): void {
    if (this.#inputGate === undefined) start();
    else this.#inputGate.pass(hook?.section, start);
  }

  #onReply(question: Question, frame: readonly unknown[], reply: Reply): void {
    this.core.countInvocations(this.context, frame[4] as number);
    question.arrive(reply);
    this.context.drop();
    if (!reply.final) return;
    // The callee has forgotten the session. What was pipelined in the meantime is answered here.
    this.questions.take(question.id);
    const others = this.questions.clear();
    this.close({ type: "done" });
    for (const other of others) {
      this.context.drop();
      evaluateLocally(this.core, question, other, others);
    }
  }

  #onRevoke(encoded: unknown): void {
    const fields = Array.isArray(encoded) ? encoded : undefined;
    const error = fields && ((isRemote: boolean) => decodeError(this.core, fields, 0, isRemote));
    this.close({ type: "revoked", error });
  }

  /* ------------------------------ replies --------------------------------- */

  return(answer: Answer, encoded: EncodedValue, hasDisposer: boolean, pipelined: boolean): void {
    let payload: unknown[];
    try {
      payload = this.commit(encoded, "result", answer);
    } catch (error) {
      this.throw(answer, error, pipelined);
      return;
    }
    const flags = hasDisposer ? ReturnFlag.hasDisposer : 0;
    // Capabilities can be pipelined on, tokens of services too, which leave no entry.
    const isData = encoded.caps === undefined && !hasDisposer;
    this.#reply(Op.return, answer, flags, payload, isData && !pipelined, encoded);
  }

  throw(answer: Answer, error: unknown, pipelined: boolean): void {
    this.#reply(Op.throw, answer, 0, encodeError(this.core, error), !pipelined);
  }

  #reply(
    op: number,
    answer: Answer,
    flags: number,
    fields: unknown[],
    mayBeFinal: boolean,
    cargo?: Cargo,
  ): void {
    answer.disposeParams();
    const final = mayBeFinal && this.#isFinal();
    const allFlags = final ? flags | ReturnFlag.final : flags;
    this.post(
      [op, 0, answer.id, allFlags, this.core.invocationsOf(this.context), ...fields],
      cargo,
    );
    if (!final) return;
    this.answers.take(answer.id);
    answer.finish();
    this.close({ type: "done" });
  }

  /** With this reply nothing is left of the session: it needs neither finish nor end. */
  #isFinal(): boolean {
    if (this.role !== "callee" || this.#answered > 1) return false;
    // A reply that the output gate holds back can still be replaced.
    if (this.context.gates?.output !== undefined || this.signals.some(keepsOpen)) return false;
    const { exports, imports, pipes, questions } = this;
    return exports.size + imports.size + pipes.size + questions.size === 0;
  }

  /* ------------------------------ the end --------------------------------- */

  onContextEnd(reason: unknown): void {
    if (this.closed !== undefined) return;
    reportLeaks(this);
    if (this.role === "caller") this.#outbox.send([Op.cancel, 0]);
    else if (this.role === "callee") {
      const error = reason === undefined ? 0 : encodeError(this.core, reason);
      this.#outbox.send([Op.revoke, 0, error]);
    }
    this.close({ type: "context-ended" });
  }

  /** This end gives the session up: what is asked at either end rejects with `error`. */
  revoke(error: unknown): void {
    if (this.closed !== undefined) return;
    if (this.role === "caller") this.#outbox.send([Op.cancel, 0]);
    else this.#outbox.send([Op.revoke, 0, encodeError(this.core, error)]);
    this.close({ type: "revoked", error: () => error, isOwn: true });
  }

  /** See AcceptedSession. */
  callerLeft(): void {
    if (this.isEvent) this.#accepted?.callerLeft?.();
  }

  /** `listener` runs once, when the session is over. */
  onClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  /** Forget everything; what waits fails as `reason` says. Sends nothing. Safe to call twice. */
  close(reason: CloseReason): void {
    if (this.closed !== undefined) return;
    this.closed = reason;
    this.context.removeEndListener(this);
    this.#outbox.sink?.forget(this);
    this.#outbox.close();
    if (reason.type === "canceled" || reason.type === "lost") this.callerLeft();
    for (const question of this.questions.clear()) {
      if (question.state !== "pending") continue;
      this.context.drop();
      failByReason(question, reason);
    }
    for (const answer of this.answers.clear()) answer.finish();
    for (const hook of this.exports.clear()) {
      hook.releaseFrom(this);
      if (hook.isImport) this.context.drop();
    }
    for (const pipe of this.pipes.clear()) pipe.onLost(reason);
    for (const signal of this.signals.clear()) signal.onLost(reason);
    this.imports.clear();
    this.#hold?.end();
    this.#onClosed?.();
    this.#accepted?.finished(finishReason(reason));
  }
}

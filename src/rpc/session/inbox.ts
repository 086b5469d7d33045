/**
 * The way into a session: frames are read, questions go to what they are asked of, replies to what
 * asked. Owned by the session, which counts and closes; link.ts and loopback.ts deliver.
 */
import { Answer } from "../calls/answer.ts";
import { MainTarget } from "../calls/main-target.ts";
import type { Question, Reply } from "../calls/question.ts";
import { TargetHook } from "../calls/target-hook.ts";
import { decodeError } from "../codec/thrown.ts";
import type { AcceptedSession } from "../contract.ts";
import type { AnsweringSession, Incoming } from "../contracts/answer.ts";
import { hostContextGone } from "../error-texts.ts";
import { Op, OpenKind } from "../frames.ts";
import { readQuestion, readReturn, readThrow } from "./incoming.ts";
import { InputGate } from "./input-gate.ts";
import type { SessionTables } from "./tables.ts";

/** What the inbox needs of its session beside that. */
export interface InboxSession extends AnsweringSession {
  readonly tables: SessionTables;
  isEvent: boolean;
  /** Entries have come or gone that the callee's hold looks at. */
  settle(): void;
  /** The peer gave something up. */
  onDropped(): void;
  onRevoked(error: unknown): void;
  /** The callee has forgotten the session with the reply to `question`. */
  onFinal(question: Question): void;
}

export class Inbox {
  readonly #session: InboxSession;
  readonly #accepted: AcceptedSession | undefined;
  readonly #main: MainTarget | undefined;
  readonly #gate: InputGate | undefined;
  /** Calls that came in so far. */
  answered = 0;

  constructor(session: InboxSession, accepted: AcceptedSession | undefined) {
    this.#session = session;
    this.#accepted = accepted;
    if (accepted !== undefined) this.#main = new MainTarget(session, accepted);
    if (session.context.gates?.input !== undefined) this.#gate = new InputGate(session);
  }

  receive(frame: readonly unknown[]): void {
    const session = this.#session;
    const id = frame[2] as number;
    switch (frame[0]) {
      case Op.call:
        this.#onAsk(id, frame[3] as number, readQuestion(session, frame, 4, 5));
        return;
      case Op.get:
        this.#onAsk(id, frame[3] as number, readQuestion(session, frame, 4, undefined));
        return;
      case Op.return: {
        const question = session.tables.questions.get(id);
        if (question !== undefined)
          this.#onReply(question, frame, readReturn(session, question, frame));
        return;
      }
      case Op.throw: {
        const question = session.tables.questions.get(id);
        if (question !== undefined) this.#onReply(question, frame, readThrow(session, frame));
        return;
      }
      case Op.finish:
        session.tables.answers.take(id)?.finish();
        session.settle();
        return;
      case Op.release:
        session.dropExport(id);
        session.onDropped();
        return;
      case Op.end:
        session.close({ type: "done" });
        return;
      case Op.cancel:
        session.close({ type: "canceled" });
        return;
      case Op.revoke:
        this.#onRevoke(frame[2]);
        return;
      case Op.abortSignal:
        session.tables.signals.get(-id)?.onAbort(frame);
        return;
      default:
        session.tables.pipes.get(-id)?.onFrame(frame);
    }
  }

  /** The first question, which came with the frame that opened the session. */
  onOpen(frame: readonly unknown[], at: number): void {
    const session = this.#session;
    const kind = frame[at] as number;
    const valueAt = kind === OpenKind.get ? undefined : at + 2;
    const incoming = readQuestion(session, frame, at + 1, valueAt);
    if (kind !== OpenKind.event) {
      this.#onAsk(1, 0, incoming);
      return;
    }
    session.isEvent = true;
    const answer = this.#newAnswer(1, incoming);
    const accepted = this.#accepted;
    this.#deliver(undefined, () =>
      session.inContext(() =>
        answer.runEvent((args) => accepted?.event(incoming.path[0] ?? "", args)),
      ),
    );
  }

  #newAnswer(id: number, incoming: Incoming): Answer {
    const session = this.#session;
    const answer = new Answer(session, id, incoming);
    session.tables.answers.set(id, answer);
    this.answered += 1;
    session.settle();
    return answer;
  }

  #onAsk(id: number, on: number, incoming: Incoming): void {
    const session = this.#session;
    const answer = this.#newAnswer(id, incoming);
    const main = this.#main;
    const hook = on > 0 ? session.tables.exports.get(on) : undefined;
    const parent = on < 0 ? session.tables.answers.get(-on) : undefined;
    const accepted = this.#accepted;
    if (accepted?.called !== undefined) {
      const kind = incoming.isCall ? "call" : "get";
      answer.span = accepted.called(incoming.path.join("."), kind, on === 0);
    }
    if (on === 0 && main !== undefined) {
      this.#deliver(undefined, () => main.run(answer));
    } else if (hook instanceof TargetHook) {
      const { host } = session.core;
      // It may be disposed while the call waits.
      const held = this.#gate === undefined ? undefined : hook.retain();
      this.#deliver(hook, () => {
        host.runInContext(hook.context, () => answer.run(hook, hook));
        held?.release();
      });
    } else if (hook !== undefined) {
      this.#deliver(undefined, () => session.inContext(() => answer.forward(hook)));
    } else if (parent !== undefined) {
      parent.expect(answer);
      this.#deliver(undefined, () => parent.pipeline(answer));
    } else {
      answer.reject(new Error(hostContextGone));
    }
  }

  #deliver(hook: TargetHook | undefined, start: () => void): void {
    if (this.#gate === undefined) start();
    else this.#gate.pass(hook?.section, start);
  }

  #onReply(question: Question, frame: readonly unknown[], reply: Reply): void {
    const { core, context } = this.#session;
    core.countInvocations(context, frame[4] as number);
    const arrive = (): void => {
      question.arrive(reply);
      context.drop();
      if (reply.final) this.#session.onFinal(question);
    };
    if (this.#gate === undefined) arrive();
    else this.#gate.passReply(question.section, arrive);
  }

  #onRevoke(encoded: unknown): void {
    const { core } = this.#session;
    const fields = Array.isArray(encoded) ? encoded : undefined;
    const error = fields && ((isRemote: boolean) => decodeError(core, fields, 0, isRemote));
    if (error !== undefined) this.#session.onRevoked(error(false));
    this.#session.close({ type: "revoked", error });
  }
}

/**
 * A connection to one other Worker, or to oneself: the sessions of both directions over one
 * transport. Batches the frames of a turn; when the transport goes, everything on it fails
 * (spec/rpc.md 4.3). Owned by whoever opened it (runtime/), used by every session between the two.
 */
import { createDeferred } from "../../util/deferred.ts";
import { nodeCrypto } from "../../util/late-modules.ts";
import { encodeError } from "../codec/thrown.ts";
import type { Frame, Link, LinkOptions, SessionOpen, Transport } from "../contract.ts";
import type { Core } from "../contracts/core.ts";
import type { StubOwner } from "../contracts/stubs.ts";
import { Op } from "../frames.ts";
import { lostError } from "../lost-error.ts";
import { decodeTarget } from "../session/caps.ts";
import type { FrameSink } from "../session/outbox.ts";
import { Session } from "../session/session.ts";
import { Table } from "../table.ts";
import { TraceTexts } from "../trace-text.ts";
import { runSoon } from "../turns.ts";
import { heard, stayAwake } from "./awake.ts";

const FIRST_IDS = 2 ** 30;
/** Frames of a turn; where there are more, there is enough to do without waiting awake. */
const FEW = 4;

export class SessionLink implements Link, FrameSink {
  readonly peer: string;
  readonly #number: number | undefined;
  readonly #toStore: boolean;
  readonly closed: Promise<Error | undefined>;
  readonly deep: boolean;
  readonly canMove: boolean;
  readonly #core: Core;
  readonly #transport: Transport;
  readonly #runSoon: (fn: () => void) => void;
  readonly #sessions: Table<Session> = new Table();
  readonly #traceTexts = new TraceTexts();
  readonly #closed = createDeferred<Error | undefined>();
  #open = true;
  #retired = false;
  #lastId: number;
  #batch: unknown[][] | undefined;
  /** Buffers in the batch that are handed over with it. */
  #moves: ArrayBuffer[] = [];
  /** Frames that are being delivered together now. */
  #delivering = 0;

  constructor(
    core: Core,
    transport: Transport,
    peer: string,
    { number, toStore = false }: LinkOptions = {},
  ) {
    this.#core = core;
    this.#number = number;
    this.#toStore = toStore;
    this.#transport = transport;
    this.peer = peer;
    // One number is one session, whichever process opened it (protocol/last-words.ts).
    this.#lastId = transport.kind === "socket" ? nodeCrypto().randomInt(FIRST_IDS) : 0;
    this.deep = transport.kind === "memory";
    this.canMove = transport.kind === "message-port";
    this.#runSoon = this.deep ? runSoon : process.nextTick;
    this.closed = this.#closed.promise;
    transport.receive(this.#onFrames, this.#onClose);
  }

  get open(): boolean {
    return this.#open;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Entries in the tables of its sessions. */
  get entries(): number {
    let entries = 0;
    for (const session of this.#sessions.values()) {
      entries += session.tables.size;
    }
    return entries;
  }

  /** What is open on it now. */
  openSessions(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Bytes that wait for the operating system: streams slow down for them. */
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** A session that this side opens; its waiting frames go out now. */
  attach(session: Session): void {
    if (!this.#open) {
      session.close({ type: "lost", error: lostError });
      return;
    }
    this.#lastId += 1;
    this.#sessions.set(this.#lastId, session);
    session.attach(this, this.#lastId);
  }

  forget(wireId: number): void {
    this.#sessions.take(wireId);
    if (this.#retired && this.#sessions.size === 0) this.close();
  }

  queue(frame: unknown[], moves?: readonly ArrayBuffer[]): void {
    if (!this.#open) return;
    if (moves !== undefined && this.canMove) this.#moves.push(...moves);
    if (this.#batch !== undefined) {
      this.#batch.push(frame);
      return;
    }
    this.#batch = [frame];
    // During delivery nextTick would run before the microtasks in which most replies are made;
    // a microtask that asks for a tick runs after them (docs/protocol.md, "Batches"). Where one frame
    // was delivered its reply has no others to wait for. Within a thread no reply overtakes the
    // microtasks of whoever asks: what it pipelines in them finds the result still to come.
    if (this.deep ? this.#delivering > 0 : this.#delivering > 1) queueMicrotask(this.#flushLater);
    else this.#runSoon(this.flush);
  }

  readonly #flushLater = (): void => this.#runSoon(this.flush);

  readonly flush = (): void => {
    const batch = this.#batch;
    if (batch === undefined || !this.#open) return;
    this.#batch = undefined;
    const moves = this.#moves;
    if (moves.length > 0) this.#moves = [];
    try {
      this.#transport.send(batch, moves);
    } catch {
      for (const frame of batch) this.#sendAlone(frame);
    }
    if (!this.deep && batch.length <= FEW) stayAwake(this.#toStore);
  };

  /** Something in a batch cannot be carried: that ends its session, the others go on. */
  #sendAlone(frame: unknown[]): void {
    try {
      this.#transport.send([frame]);
    } catch (error) {
      const id = frame[1] as number;
      const session = this.#sessions.get(id);
      // The peer does not know a session whose opening is what could not be sent.
      if (frame[0] === Op.open) session?.close({ type: "revoked", error: () => error });
      else if (session !== undefined) session.revoke(error);
      // It was the final reply, with which this end forgot the session.
      else if (id < 0 && frame[0] !== Op.revoke) {
        this.queue([Op.revoke, id, encodeError(this.#core, error)]);
      }
    }
  }

  readonly #onFrames = (frames: readonly Frame[]): void => {
    this.#delivering = frames.length;
    if (!this.deep) heard();
    try {
      for (const frame of frames) this.#deliver(frame);
    } catch (error) {
      // A frame that makes no sense: this link is broken, the others are not.
      this.close(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#delivering = 0;
    }
  };

  #deliver(frame: Frame): void {
    if (!this.#open) return;
    const id = -(frame[1] as number);
    if (!Number.isInteger(id) || id === 0) throw new TypeError("RPC frame without a session");
    if (frame[0] === Op.open) this.#accept(id, frame);
    // Frames for a session that is gone crossed its end: nothing waits for them.
    else this.#sessions.get(id)?.receive(frame);
  }

  /** [open, sid, token, request, depth, invocations, kind, path, ...payload]. */
  #accept(id: number, frame: Frame): void {
    if (id > 0 || this.#sessions.get(id) !== undefined)
      throw new TypeError("RPC session opened twice");
    const core = this.#core;
    const { requestId, traceId, spanId, sampled } = this.#traceTexts.read(String(frame[3]));
    const budget = core.budgetFor(requestId, frame[5] as number);
    const trace = {
      requestId,
      traceId,
      spanId,
      sampled,
      depth: frame[4] as number,
      budget,
    };
    const owner: StubOwner = {};
    const open: SessionOpen = {
      target: decodeTarget(core, frame[2], owner),
      trace,
      peer: this.peer,
      link: this.#number,
      session: -id,
    };
    const accepted = core.host.accept(open);
    const { context } = accepted;
    owner.context = context;
    budget.hold();
    const session = new Session({
      core,
      context,
      role: "callee",
      label: this.peer,
      accepted,
      budget,
    });
    this.#sessions.set(id, session);
    session.attach(this, id);
    session.onOpen(frame, 6);
  }

  breakSession(session: number, error: (isRemote: boolean) => unknown): void {
    this.#sessions.get(session)?.close({ type: "revoked", error });
  }

  closeWhenIdle(): void {
    this.#retired = true;
    if (this.#sessions.size === 0) this.close();
  }

  close(error?: Error): void {
    if (!this.#open) return;
    this.flush();
    this.#transport.close(error);
    this.#onClose(error);
  }

  readonly #onClose = (error: Error | undefined): void => {
    if (!this.#open) return;
    this.#open = false;
    this.#batch = undefined;
    for (const session of this.#sessions.clear()) {
      session.close({ type: "lost", error: lostError });
    }
    this.#closed.resolve(error);
  };
}

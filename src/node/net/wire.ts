/**
 * A TCP connection for node:net and node:tls: events arrive in the async context of whoever opened it,
 * on behalf of its invocation, and what a listener throws is nobody else's. It keeps the invocation
 * from counting as hung. Owned by one Socket, or by the TLSSocket that took it over.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { deliver, type Invocation, requireInvocation } from "../../isolate/invocation.ts";
import type { NetworkFailure, TcpTls } from "../../protocol/outbound.ts";
import { openTcp } from "../../web/sockets/open.ts";
import type { TcpCall, TcpEvents } from "../../web/sockets/transport.ts";

export type WireListener = TcpEvents;

export interface WireTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: TcpTls;
}

export class Wire implements TcpEvents {
  readonly target: WireTarget;
  readonly #invocation: Invocation;
  readonly #run: <T>(fn: () => T) => T = AsyncLocalStorage.snapshot();
  readonly #release: () => void;
  readonly #section: unknown;
  readonly #call: TcpCall;
  #listener: WireListener;

  /** Opens it. Throws production's text at module scope. */
  constructor(
    target: WireTarget,
    listener: WireListener,
    open: (target: WireTarget, events: TcpEvents) => TcpCall = openTcp,
  ) {
    this.target = target;
    this.#listener = listener;
    this.#invocation = requireInvocation("connect");
    this.#section = this.#invocation.gates?.section?.();
    this.#call = open(target, this);
    this.#release = this.#invocation.hold();
  }

  /** Its invocation has ended, and the connection with it. */
  get isOver(): boolean {
    return this.#invocation.ended;
  }

  /** Takes `bytes` over. False: `onDrain` comes. */
  write(bytes: Uint8Array): boolean {
    return this.#call.write(bytes);
  }

  taken(bytes: number): void {
    this.#call.taken(bytes);
  }

  end(): void {
    this.#call.end();
  }

  close(): void {
    this.#call.close();
  }

  abort(): void {
    this.#call.abort();
    this.#release();
  }

  /** TLS from here on; `listener` hears what follows. */
  startTls(listener: WireListener): void {
    this.#listener = listener;
    this.#call.startTls(undefined);
  }

  onOpen(): void {
    this.#tell(() => this.#listener.onOpen());
  }

  onData(bytes: Uint8Array): void {
    this.#tell(() => this.#listener.onData(bytes));
  }

  onEnd(): void {
    this.#tell(() => this.#listener.onEnd());
  }

  onDrain(): void {
    this.#tell(() => this.#listener.onDrain());
  }

  onSecure(): void {
    this.#tell(() => this.#listener.onSecure());
  }

  onClosed(failure: NetworkFailure | null): void {
    this.#tell(() => this.#listener.onClosed(failure));
    this.#release();
  }

  #tell(event: () => void): void {
    this.#run(() =>
      deliver(this.#invocation, this.#section, () => {
        this.#invocation.resume();
        try {
          event();
        } catch (error) {
          // As Node: uncaught, and not the matter of the port that brought it.
          queueMicrotask(() => {
            throw error;
          });
        }
      }),
    );
  }
}

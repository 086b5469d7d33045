/**
 * `connect()` on a service binding, and the `connect` handler at its other end (spec/rpc.md 1.6): the
 * two directions are byte streams of an event of their own. Called by service.ts, worker.ts and
 * the Durable Objects of this thread.
 */
import { requireInvocation } from "../../isolate/invocation.ts";
import { logException, logRuntime } from "../../isolate/log.ts";
import type { ServiceChannel } from "../../rpc/contract.ts";
import type { RpcEngine } from "../../rpc/engine.ts";
import { parseAddress, parseOptions } from "../../web/sockets/address.ts";
import { createSocket, infoOf, type Socket } from "../../web/sockets/socket.ts";
import { StreamCall } from "../../web/sockets/stream-call.ts";
import type { TcpCall, TcpEvents } from "../../web/sockets/transport.ts";
import { IdentityTransformStream } from "../../web/streams/identity-transform-stream.ts";
import type { ReadableStream } from "../../web/streams/readable-stream.ts";
import type { WritableStream } from "../../web/streams/writable-stream.ts";

/** What the event carries. */
interface Offer {
  readonly fromCaller: ReadableStream;
  readonly toCaller: WritableStream;
  readonly address: string;
}

const NO_ADDRESS =
  "Failed to execute 'connect' on 'Fetcher': parameter 1 is not of type 'SocketAddress or string'.";
const NO_HANDLER =
  "Received a connect event but we lack a handler. Did you remember to export a connect() function?";

export function connectService(
  engine: RpcEngine,
  channel: ServiceChannel,
  [address, options]: readonly unknown[],
): Socket {
  if (address === undefined || address === null) throw new TypeError(NO_ADDRESS);
  const { port, text } = parseAddress(address);
  const settings = parseOptions(options);
  if (settings.secureTransport === "on") {
    throw new Error("Incoming CONNECT with TLS not supported");
  }
  requireInvocation("connect");
  return createSocket({ info: infoOf(text, undefined), port, settings }, (events) =>
    openService(engine, channel, text, events),
  );
}

/** The connection itself; the callee is told `address`. */
export function openService(
  engine: RpcEngine,
  channel: ServiceChannel,
  address: string,
  events: TcpEvents,
): TcpCall {
  const up = new IdentityTransformStream();
  const down = new IdentityTransformStream();
  const ends = { incoming: down.readable, outgoing: up.writable };
  const call = new StreamCall(ends, events, true);
  const offer: Offer = { fromCaller: up.readable, toCaller: down.writable, address };
  engine.sendEvent(channel, "connect", [offer]).catch((error: unknown) => {
    // It is told where it was thrown; here the connection has ended, or never was.
    call.fail({ message: String(error), code: "" });
  });
  return call;
}

/**
 * Runs the handler with a socket that is open, and closes it when the handler has ended. What it throws
 * is logged: the caller only sees the end of the connection. Only where there is a handler, there is a
 * connection: rejects, with a warning, if `handle` is undefined.
 */
export async function acceptConnection(
  offered: unknown,
  handle: ((socket: Socket) => unknown) | undefined,
): Promise<void> {
  if (handle === undefined) {
    logRuntime("warn", NO_HANDLER);
    throw new Error("Handler does not export a connect() function.");
  }
  const { fromCaller, toCaller, address } = offered as Offer;
  const settings = parseOptions({ allowHalfOpen: true });
  const info = infoOf(undefined, address);
  const socket = createSocket({ info, port: 0, settings }, (events) => {
    const call = new StreamCall({ incoming: fromCaller, outgoing: toCaller }, events, false);
    call.greet();
    return call;
  });
  try {
    await handle(socket);
  } catch (error) {
    logException(error, "TCP connect() handler threw:");
  }
  await socket.close();
}

/**
 * The one way from a Worker to a TCP connection: `cloudflare:sockets`, node:net and node:tls open
 * theirs here. It belongs to the invocation that opened it and is cut with its end.
 */
import { requireInvocation } from "../../isolate/invocation.ts";
import { logRuntime } from "../../isolate/log.ts";
import type { TcpTls } from "../../protocol/outbound.ts";
import { network } from "../http/network.ts";
import { type Outbound, outbound } from "../http/outbound.ts";
import type { TcpCall, TcpEvents, TcpRequest } from "./transport.ts";

export interface LocalTarget {
  readonly host: string;
  readonly port: number;
  /** How the host connects to it, whatever the Worker asked for; default: as it asked. */
  readonly tls?: TcpTls;
}

const SMTP = 25;
const NO_SMTP =
  "A Worker connects to port 25. drover lets it; in production connections to port 25 are refused (https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/).";

const NO_PROXY = "proxy request failed, cannot connect to the specified address";

/** Names that stand for something on this machine: host -> where it is. */
const localHosts: Map<string, LocalTarget> = new Map();

/** Connections to `name`, whatever the port, go to `target`. */
export function addLocalHost(name: string, target: LocalTarget): void {
  localHosts.set(name, target);
}

/** Throws production's text at module scope. */
export function openTcp(
  { host, port, tls }: Pick<TcpRequest, "host" | "port" | "tls">,
  events: TcpEvents,
): TcpCall {
  const invocation = requireInvocation("connect");
  if (port === SMTP) logRuntime("warn", NO_SMTP, NO_SMTP);
  const way = outbound();
  if (way !== undefined) return openOutbound(way, { host, port, tls }, events);
  const tooMany = invocation.countSubrequest();
  if (tooMany !== undefined) throw tooMany;
  const target = localHosts.get(host) ?? { host, port };
  const gate = invocation.gates?.output?.();
  const call = network().tcp({ tls, ...target, gate, onOver: () => stop() }, events);
  const stop = invocation.onEnd(() => call.abort());
  return call;
}

/** To whoever this Worker was given instead of the network. */
function openOutbound(
  way: Outbound,
  { host, port, tls }: Pick<TcpRequest, "host" | "port" | "tls">,
  events: TcpEvents,
): TcpCall {
  const invocation = requireInvocation("connect");
  const call = way.connect(`${host}:${port}`, events);
  invocation.onEnd(() => call.abort());
  if (tls === "on") queueMicrotask(() => events.onClosed({ message: NO_PROXY, code: "" }));
  return call;
}

/** The connection of a `connect` event; belongs to the event's invocation. */
export function acceptTcp(ticket: number, events: TcpEvents): TcpCall {
  const invocation = requireInvocation("connect");
  const place = { host: "", port: 0, tls: "off", gate: undefined } as const;
  const call = network().tcp({ ...place, ticket, onOver: () => stop() }, events);
  const stop = invocation.onEnd(() => call.abort());
  return call;
}

/**
 * The HTTP servers of the host, on the sockets that the session bound: takes requests, finds their
 * Worker, hands them to its slot. Nothing that a client does may do more than end its connection.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { HostSettings, SessionToHost } from "../protocol/host.ts";
import { LOGS_PATH } from "../protocol/logs-page.ts";
import { SPANS_PATH } from "../protocol/spans.ts";
import { COLLECT, STATUS_PATH } from "../protocol/status-page.ts";
import { hasCode, messageOf } from "../util/errors.ts";
import type { AssetHost } from "./assets/asset-host.ts";
import { answerClientError, NO_TUNNELS, UNKNOWN_METHOD, UNKNOWN_METHODS } from "./client-errors.ts";
import type { Failure } from "./delivery.ts";
import { type Connection, Exchange } from "./exchange.ts";
import { HostMap } from "./host-map.ts";
import { LIVE_RELOAD_PATH, type LiveReload } from "./live-reload.ts";
import type { Mail } from "./mail.ts";
import type { PublicObjects } from "./public-objects.ts";
import { playQueue } from "./queue-path.ts";
import { type ClientError, rescueRawTarget } from "./raw-targets.ts";
import { type RequestHead, readRequestHead } from "./request-head.ts";
import type { FinishedRequest } from "./request-packer.ts";
import { RESERVED_PREFIX, refuseReserved, renderStatus } from "./reserved-paths.ts";
import { RouteTable } from "./route-table.ts";
import { hostnameOf, isUnnamed, portSuffixOf, type Route, routeHost } from "./routing.ts";
import { mayBeScheduled, playScheduled } from "./scheduled-paths.ts";
import { serveHandle } from "./serve-handle.ts";
import type { SessionLink } from "./session-link.ts";
import { asksForWebSocket, headWithoutUpgrade } from "./upgrade-requests.ts";
import { loadWebSockets, PendingUpgrade } from "./web-sockets.ts";
import type { WorkerSlot } from "./worker-slot.ts";
import { type StatusSources, statusOf } from "./worker-status.ts";

export interface FrontDoorContext {
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  readonly slots: ReadonlyMap<string, WorkerSlot>;
  readonly status: StatusSources;
  readonly assets: AssetHost;
  readonly liveReload: LiveReload;
  readonly publicObjects: PublicObjects;
  readonly mail: Mail;
}

/** `worker`: what answers at the port, if it is not the primary. */
interface Entrance extends Connection {
  readonly worker: string | undefined;
}

/** The real runtime takes heads of just under 500 kB (measured; spec/platform.md 19.4). */
const MAX_HEADER_BYTES: number = 480 * 1024;
/** In bytes; a longer target is refused. As measured: production's limit is 64 KiB with what ends it. */
const MAX_TARGET_LENGTH = 65_534;
/** Hosts are made up by clients: the cache of their routes starts over at this size. */
const ROUTE_CACHE_LIMIT = 1000;

export class FrontDoor {
  readonly #context: FrontDoorContext;
  readonly #servers: Set<Server> = new Set();
  readonly #connections: WeakMap<Socket, Entrance> = new WeakMap();
  readonly #routes: Map<string, Route> = new Map();
  /** Of the settings that have it. */
  #table: { readonly settings: HostSettings; readonly routes: RouteTable } | undefined;
  #connectionRows: Readonly<Record<string, readonly unknown[]>> = {};
  #isClosing = false;

  constructor(context: FrontDoorContext) {
    this.#context = context;
  }

  /** Serves on a bound TCP handle and reports "listening" or "listen-failed". */
  listen(wanted: Extract<SessionToHost, { type: "listen" }>, handle: unknown): void {
    const { id, secure, worker } = wanted;
    const { session } = this.#context;
    if (!isBound(handle)) {
      const message = "listen EADDRINUSE: address already in use";
      session.send({ type: "listen-failed", id, code: "EADDRINUSE", message });
      return;
    }
    let server: Server;
    try {
      server = this.#createServer(secure, worker);
    } catch (error) {
      const code = hasCode(error, "ERR_NO_TLS") ? "ERR_NO_TLS" : "ERR_TLS";
      session.send({ type: "listen-failed", id, code, message: messageOf(error) });
      return;
    }
    serveHandle(server, handle, { id, session, onListening: () => this.#servers.add(server) });
  }

  /** What the status page shows of each Worker's bindings. */
  setConnections(connections: Readonly<Record<string, readonly unknown[]>>): void {
    this.#connectionRows = connections;
  }

  /** The set of Workers or the primary changed. */
  forgetRoutes(): void {
    this.#routes.clear();
  }

  /** Accepts nothing new; connections close as their responses end. */
  close(): void {
    this.#isClosing = true;
    for (const server of this.#servers) {
      server.close();
      server.closeIdleConnections();
    }
  }

  /** Cuts what is still open. */
  closeAllConnections(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }

  #createServer(secure: boolean, worker: string | undefined): Server {
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      // Production asks for one in HTTP/1.0 too, and we answer in its words.
      requireHostHeader: false,
      noDelay: true,
      // Idle connections stay: a timer that closes one just as the client reuses it costs a request.
      keepAliveTimeout: 0,
      // Uploads may take their time, and so may a developer at a breakpoint.
      requestTimeout: 0,
      // From Node 24 on it is asked; before, whatever names an upgrade is one.
      shouldUpgradeCallback: asksForWebSocket,
    };
    // https brings all of TLS along: loaded by those who use it.
    const server = secure
      ? process.getBuiltinModule("node:https").createServer({ ...options, ...this.#tls() })
      : createServer(options);
    server.timeout = 0;
    // Node would drop what comes after the thousandth, without a word.
    server.maxHeadersCount = 0;
    const connectionEvent = secure ? "secureConnection" : "connection";
    server.on(connectionEvent, (socket: Socket) => this.#onConnection(socket, worker));
    server.on("request", (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response, false),
    );
    server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response, true),
    );
    server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (asksForWebSocket(request)) void this.#onUpgrade(request, socket, head);
      else {
        // Whatever it wants to speak (curl: h2c), it is content with HTTP/1.1.
        socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
        server.emit(connectionEvent, socket);
      }
    });
    server.on("connect", (_request: IncomingMessage, socket: Socket) => socket.end(NO_TUNNELS));
    server.on("clientError", (error: ClientError, socket: Socket) => {
      const serve = (stream: Socket): boolean => server.emit(connectionEvent, stream);
      if (!rescueRawTarget(error, socket, serve)) answerClientError(error, socket);
    });
    return server;
  }

  #tls(): { readonly key: string; readonly cert: string } {
    const { tls } = this.#context.settings();
    if (tls !== undefined) return tls;
    throw Object.assign(new Error("no certificate to serve HTTPS with"), { code: "ERR_NO_TLS" });
  }

  #onConnection(socket: Socket, worker: string | undefined): void {
    const connection: Entrance = { address: clientAddress(socket), open: [], worker };
    this.#connections.set(socket, connection);
    socket.on("error", ignoreError);
    socket.on("close", () => {
      for (const exchange of [...connection.open]) exchange.onDisconnect();
    });
  }

  /** Never rejects: `ws` is part of drover. */
  async #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const upgrade = new PendingUpgrade(await loadWebSockets(), request, socket, head);
    if (this.#isPageListening(request)) {
      const protocol = request.headers["sec-websocket-protocol"];
      if (!socket.destroyed) this.#context.liveReload.accept(upgrade, protocol);
    } else if (!socket.destroyed) this.#onRequest(request, upgrade.response, false, upgrade);
  }

  /** One of our own pages, at a local name. */
  #isPageListening({ url, headers }: IncomingMessage): boolean {
    const { liveReload, hosts = {} } = this.#context.settings();
    if (liveReload !== true || url !== LIVE_RELOAD_PATH) return false;
    const { host = "", origin = "" } = headers;
    return refuseReserved(host, origin, Object.values(hosts)) === undefined;
  }

  #onRequest(
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
    upgrade?: PendingUpgrade,
  ): void {
    const connection = this.#connections.get(request.socket);
    // Its connection closed between the parser and here.
    if (connection === undefined) return;
    if (this.#isClosing) response.shouldKeepAlive = false;
    const { slots, settings } = this.#context;
    const { hosts = {}, upstreamProtocol, testScheduled = false } = settings();
    const head = readRequestHead(request.rawHeaders, connection.address, upgrade !== undefined);
    const target = pathOf(request.url);
    const route = this.#route(head, connection.worker, target);
    const slot = route.type === "worker" ? slots.get(route.name) : undefined;
    const clientHost = head.host || "localhost";
    const ownHost = Object.hasOwn(hosts, route.name) ? hosts[route.name] : undefined;
    const configuredHost = (route.type === "worker" ? route.host : undefined) ?? ownHost;
    const url = `${upstreamProtocol}://${configuredHost ?? clientHost}${target}`;
    const exchange = new Exchange({
      request,
      response,
      connection,
      head,
      url,
      hostMap:
        configuredHost === undefined || route.type !== "worker"
          ? undefined
          : new HostMap(
              { protocol: isSecure(request) ? "https:" : "http:", host: clientHost },
              { protocol: `${upstreamProtocol}:`, host: configuredHost },
            ),
      worker: route.name,
      expectsContinue,
      upgrade,
      liveReload: settings().liveReload === true,
      hasId: settings().requestIds === true,
      log: this.#log,
    });
    const refusal = refusalOf(request, head, route);
    if (refusal !== undefined) {
      response.shouldKeepAlive = false;
      exchange.answer(refusal[0], "text/plain;charset=utf-8", refusal[1]);
      return;
    }
    if (target.startsWith(RESERVED_PREFIX) && this.#answerReserved(exchange, head, target)) return;
    if (slot === undefined) {
      exchange.fail(this.#unknownWorker(route.name, head));
      return;
    }
    if (mayBeScheduled(target)) {
      if (playScheduled(exchange, slot, target, testScheduled)) return;
      if (this.#context.mail.serve(exchange, slot, target)) return;
    }
    if (playQueue(exchange, slot, target)) return;
    const assets = this.#context.assets.of(route.name);
    if (assets === undefined) slot.dispatch(exchange);
    else assets.handle(exchange, slot);
  }

  readonly #log = (request: FinishedRequest): void => {
    this.#context.session.queueRequest(request);
  };

  /** `worker`: what answers at the port. */
  #route(head: RequestHead, worker: string | undefined, target: string): Route {
    if (head.override !== "") {
      const type = this.#context.slots.has(head.override) ? "worker" : "unknown";
      return { type, name: head.override };
    }
    const key = worker === undefined ? head.host : `${head.host} ${worker}`;
    let route = this.#routes.get(key);
    if (route === undefined) {
      const { slots, settings } = this.#context;
      route = routeHost(head.host, new Set(slots.keys()), worker ?? settings().primary);
      if (this.#routes.size >= ROUTE_CACHE_LIMIT) this.#routes.clear();
      this.#routes.set(key, route);
    }
    const settings = this.#context.settings();
    if (settings.routes === undefined || worker !== undefined) return route;
    return this.#routeByTable(settings, head, target) ?? route;
  }

  /** Where the routes of the configs lead; undefined: nowhere, or the host names a Worker. */
  #routeByTable(settings: HostSettings, head: RequestHead, target: string): Route | undefined {
    const name = hostnameOf(head.host);
    if (name.endsWith(".localhost")) return undefined;
    if (this.#table?.settings !== settings) {
      this.#table = { settings, routes: new RouteTable(settings.routes ?? {}) };
    }
    const { hosts = {}, primary, upstreamProtocol } = settings;
    const host = (isUnnamed(name) ? hosts[primary] : undefined) ?? name;
    const worker = this.#table.routes.find(`${upstreamProtocol}:`, host, target);
    return worker === undefined ? undefined : { type: "worker", name: worker, host };
  }

  #answerReserved(exchange: Exchange, head: RequestHead, target: string): boolean {
    const { settings } = this.#context;
    const refusal = refuseReserved(head.host, head.origin, Object.values(settings().hosts ?? {}));
    if (refusal !== undefined) {
      exchange.answer(403, "text/plain;charset=utf-8", refusal);
      return true;
    }
    if (this.#context.publicObjects.serve(exchange)) return true;
    if (target.startsWith(LOGS_PATH)) {
      const after = new URL(target, "http://localhost").searchParams.get("after");
      const page = this.#context.session.history.after(Number(after ?? 0));
      exchange.answer(200, "application/json;charset=utf-8", JSON.stringify(page));
      return true;
    }
    if (target.startsWith(SPANS_PATH)) {
      const trace = new URL(target, "http://localhost").searchParams.get("trace") ?? "";
      const spans = this.#context.session.spans.of(trace);
      exchange.answer(200, "application/json;charset=utf-8", JSON.stringify(spans));
      return true;
    }
    if (target !== STATUS_PATH && !target.startsWith(`${STATUS_PATH}?`)) return false;
    void this.#answerStatus(exchange, head, target === `${STATUS_PATH}?${COLLECT}`);
    return true;
  }

  /** Never rejects: threads that do not answer are shown without counts. */
  async #answerStatus(exchange: Exchange, head: RequestHead, collect: boolean): Promise<void> {
    const { settings, slots, status } = this.#context;
    const workers = await Promise.all(
      [...slots.values()].map(async (slot) => ({
        ...slot.describe(this.#urlOf(slot.name, head)),
        connections: this.#connectionRows[slot.name] ?? [],
        ...(await statusOf(slot, status, collect)),
      })),
    );
    exchange.answer(
      200,
      "application/json;charset=utf-8",
      renderStatus({ primary: settings().primary, workers }),
    );
  }

  #unknownWorker(name: string, head: RequestHead): Failure {
    const { slots } = this.#context;
    const links = [...slots.keys()].map((worker) => [worker, this.#urlOf(worker, head)] as const);
    return {
      status: 404,
      title: "No such Worker",
      message: `There is no Worker "${name}" here. The Workers of this session:`,
      links,
    };
  }

  /** Where this client reaches a Worker. */
  #urlOf(worker: string, head: RequestHead): string {
    const { upstreamProtocol } = this.#context.settings();
    return `${upstreamProtocol}://${worker.toLowerCase()}.localhost${portSuffixOf(head.host)}/`;
  }
}

/**
 * libuv reports a failed bind only when the socket listens, and forgets it when the handle travels
 * to another process: listening would then succeed, on a port of the kernel's choice.
 */
function isBound(handle: unknown): boolean {
  const name: { port?: number } = {};
  // The internal TCP handle of Node: the object that net.Server.listen takes.
  const native = handle as { getsockname?: (out: object) => number } | undefined;
  return native?.getsockname?.(name) === 0 && name.port !== 0;
}

/** Path and query of a request target; the absolute form of proxies loses its origin. */
function pathOf(target: string | undefined): string {
  if (target?.startsWith("/")) return target;
  if (target === undefined || !URL.canParse(target)) return "/";
  const { pathname, search } = new URL(target);
  return pathname + search;
}

/** What no Worker gets to see: status and text of the answer. */
function refusalOf(
  { method = "", url = "" }: IncomingMessage,
  { host }: RequestHead,
  { type }: Route,
): readonly [status: number, text: string] | undefined {
  if (url.length > MAX_TARGET_LENGTH) return [414, "URI too long"];
  if (UNKNOWN_METHODS.has(method)) return [501, UNKNOWN_METHOD];
  if (host === "") return [400, "Bad Request"];
  return type === "invalid" ? [400, "Invalid Host header"] : undefined;
}

function isSecure({ socket }: IncomingMessage): boolean {
  return (socket as { encrypted?: boolean }).encrypted === true;
}

function clientAddress(socket: Socket): string {
  const address = socket.remoteAddress ?? "127.0.0.1";
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

/** A broken connection: "close" follows and ends its exchanges. */
function ignoreError(): void {}

/**
 * What the inspector answers: the list of targets, and WebSockets of clients. Main thread of the host;
 * loaded by inspector.ts with the first request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { refusal } from "./access.ts";
import { Relay, type RelayEvents } from "./relay.ts";
import { targetList } from "./targets.ts";

export interface InspectorView {
  /** Those that can be debugged; the first is the one that is meant where no name is given. */
  readonly workers: readonly string[];
  /** Dynamic Workers, by names that no Worker can have. */
  readonly dynamic: readonly string[];
  /** Of drover. */
  readonly version: string;
  /** Listens beyond this machine. */
  readonly isOpen: boolean;
}

/** Heap snapshots come in pieces; this is for what a client sends. */
const MAX_MESSAGE = 256 * 1024 * 1024;
const PROTOCOL_VERSION = "1.3";

const sockets: WebSocketServer = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_MESSAGE,
  perMessageDeflate: false,
});

export function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  view: InspectorView,
): void {
  const refused = refusal(request, { isUpgrade: false, isOpen: view.isOpen });
  if (refused !== undefined) {
    response.writeHead(refused.status, { "content-type": "text/plain" }).end(refused.message);
    return;
  }
  const body = documentFor(request, view);
  if (body === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Resolves with the client; with nothing or a warning if it was refused. */
export async function acceptClient(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  { workers, dynamic, isOpen }: InspectorView,
  events: RelayEvents,
): Promise<Relay | string | undefined> {
  const refused = refusal(request, { isUpgrade: true, isOpen });
  if (refused !== undefined) {
    refuse(socket, refused.status, refused.message);
    return undefined;
  }
  const names = [...workers, ...dynamic];
  const worker = workerOf(request, names);
  if (worker === undefined) {
    const { pathname } = new URL(request.url ?? "/", "ws://localhost");
    refuse(socket, 404, `No Worker is called that. There are: ${names.join(", ")}.`);
    return `An inspector connection was requested for the ${pathname} path but no such inspector exists`;
  }
  return await new Promise((resolve) => {
    socket.once("close", () => resolve(undefined));
    sockets.handleUpgrade(request, socket, head, (client) =>
      resolve(new Relay(worker, client, events)),
    );
  });
}

function documentFor(
  { url, headers }: IncomingMessage,
  { workers, dynamic, version }: InspectorView,
): unknown {
  switch (url?.split("?", 1)[0]) {
    case "/json":
    case "/json/list":
      return targetList([...workers, ...dynamic], headers.host ?? "", process.ppid);
    case "/json/version":
      return { Browser: `drover/v${version}`, "Protocol-Version": PROTOCOL_VERSION };
    default:
      return undefined;
  }
}

/** `/NAME`; `/ws` and `/` are the first. */
function workerOf({ url = "/" }: IncomingMessage, workers: readonly string[]): string | undefined {
  const path = url.split("?", 1)[0]?.slice(1) ?? "";
  let name = path;
  try {
    name = decodeURIComponent(path);
  } catch {
    // Not encoded: taken as it is.
  }
  if (workers.includes(name)) return name;
  return name === "" || name === "ws" ? workers[0] : undefined;
}

function refuse(socket: Socket, status: number, message: string): void {
  const reason = { 400: "Bad Request", 401: "Unauthorized", 404: "Not Found" }[status] ?? "Error";
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}

import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { PATIENCE_MS } from "./eventually.ts";

/*
 * A client of the DevTools protocol, as far as tests need one: requests with answers, and events in
 * the order in which they came.
 */

export type Params = Readonly<Record<string, unknown>>;

export interface ProtocolEvent {
  readonly method: string;
  readonly params: Params;
}

export interface DevToolsClient extends AsyncDisposable {
  readonly socket: WebSocket;
  /** All so far. */
  readonly events: readonly ProtocolEvent[];
  /** Rejects with the protocol's error. */
  send(method: string, params?: object): Promise<Params>;
  /** The first event that fits after those that were waited for before, now or later. */
  waitFor(method: string, fits?: (params: Params) => boolean): Promise<Params>;
}

export async function connectDevTools(
  url: string,
  options: ClientOptions = {},
): Promise<DevToolsClient> {
  const socket = new WebSocket(url, { ...options });
  await once(socket, "open");
  return createClient(socket);
}

function createClient(socket: WebSocket): DevToolsClient {
  const events: ProtocolEvent[] = [];
  const answers = new Map<number, (answer: Params) => void>();
  const watchers = new Set<() => void>();
  const seen = new Map<string, number>();
  let ids = 0;
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as { id?: number } & ProtocolEvent & Params;
    if (message.id !== undefined) answers.get(message.id)?.(message);
    else {
      events.push(message);
      for (const watcher of [...watchers]) watcher();
    }
  });
  return {
    socket,
    events,
    async send(method, params = {}) {
      ids += 1;
      const id = ids;
      const answer = await limited<Params>(`the answer to ${method}`, (done) => {
        answers.set(id, done);
        socket.send(JSON.stringify({ id, method, params }));
      });
      answers.delete(id);
      if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
      return answer.result as Params;
    },
    async waitFor(method, fits = () => true) {
      return await limited<Params>(`the event ${method}`, (done) => {
        const look = (): void => {
          const from = seen.get(method) ?? 0;
          const at = events.findIndex(
            (event, index) => index >= from && event.method === method && fits(event.params),
          );
          if (at === -1) return;
          seen.set(method, at + 1);
          watchers.delete(look);
          done((events[at] as ProtocolEvent).params);
        };
        watchers.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.terminate();
      await once(socket, "close");
    },
  };
}

function limited<T>(what: string, start: (done: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${PATIENCE_MS} ms went by without ${what}`)),
      PATIENCE_MS,
    );
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

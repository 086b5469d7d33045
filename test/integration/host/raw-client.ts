/* A TCP client that says exactly what a test tells it to, for what `fetch` would smooth over. */
import { connect, type Socket } from "node:net";

export interface RawSocket {
  received: string;
  write(text: string | Uint8Array): void;
  /** Resolves when the text has arrived; rejects when the connection ends without it. */
  waitFor(text: string): Promise<void>;
  readonly closed: Promise<void>;
  readonly socket: Socket;
  destroy(): void;
}

export async function openSocket(port: number): Promise<RawSocket> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  });
  let wake = () => {};
  const raw: RawSocket = {
    received: "",
    socket,
    write: (text) => socket.write(text),
    destroy: () => socket.destroy(),
    closed: new Promise((resolve) => socket.on("close", () => resolve())),
    waitFor: async (text) => {
      while (!raw.received.includes(text)) {
        if (socket.closed) throw new Error(`closed without ${JSON.stringify(text)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
  socket.on("data", (chunk) => {
    raw.received += chunk.toString("latin1");
    wake();
  });
  socket.on("error", () => {});
  socket.on("close", () => wake());
  return raw;
}

/** Sends `text` and returns all that comes back until the connection closes. */
export async function rawRequest(port: number, text: string): Promise<string> {
  const socket = await openSocket(port);
  socket.write(text);
  await socket.closed;
  return Buffer.from(socket.received, "latin1").toString("utf8");
}

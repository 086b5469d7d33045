/* Connections as two processes have them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteSocket } from "../../../src/rpc/transports/byte-socket.ts";
import { connectPipe, listenPipe } from "../../../src/rpc/transports/pipe.ts";

/** Accepts one connection on a path of its own; `connect` is called when it listens. */
export function acceptOne(connect: (path: string) => void): Promise<ByteSocket> {
  return inFolder(
    (path) =>
      new Promise((resolve) => {
        const server = listenPipe(path, (socket) => {
          server.close();
          resolve(socket);
        });
        connect(path);
      }),
  );
}

/** `use` gets a path of its own to listen at. */
export async function inFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "drover-pipe-"));
  try {
    return await use(join(folder, "s"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function connectTo(path: string): Promise<ByteSocket> {
  return new Promise((resolve, reject) => {
    connectPipe(path, (outcome) => {
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
  });
}

export async function createPipePair(): Promise<[ByteSocket, ByteSocket]> {
  let near: Promise<ByteSocket> | undefined;
  const far = await acceptOne((path) => {
    near = connectTo(path);
  });
  return [(await near) as ByteSocket, far];
}

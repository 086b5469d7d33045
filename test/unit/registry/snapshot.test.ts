import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RegisteredWorker } from "../../../src/protocol/registry.ts";
import { Snapshot } from "../../../src/registry/snapshot.ts";

let root: string;
let server: net.Server;
let address: string;
let changes: string[][];
let onNextChange: (() => void) | undefined;
let snapshot: Snapshot;

beforeEach(async () => {
  root = mkdtempSync("/tmp/dr-");
  address = path.join(root, "w.sock");
  server = net.createServer((socket) => socket.resume());
  server.listen(address);
  await once(server, "listening");
  changes = [];
  snapshot = new Snapshot((changed) => {
    changes.push(changed.map(({ name, session }) => `${session.id}:${name}`));
    onNextChange?.();
  });
});

afterEach(() => {
  snapshot.close();
  server.close();
  rmSync(root, { recursive: true, force: true });
});

test("only real differences are reported", () => {
  snapshot.replace([worker("a", "api"), worker("a", "web")], "me");
  snapshot.update([worker("a", "api")], ["a:unknown"]);
  snapshot.update([worker("a", "api", { generation: 2 })], ["a:web"]);
  expect(changes).toEqual([
    ["a:api", "a:web"],
    ["a:web", "a:api"],
  ]);
  expect(snapshot.workers).toEqual([worker("a", "api", { generation: 2 })]);
});

test("a new daemon's ignorance makes nobody disappear whose socket is open", () => {
  snapshot.replace([worker("a", "api"), worker("me", "own")], "me");
  snapshot.replace([], "me");
  expect(snapshot.workers).toEqual([worker("a", "api")]);
  expect(snapshot.unconfirmedHolder("/w", "api")).toEqual(worker("a", "api"));
  snapshot.update([worker("a", "api")], []);
  expect(snapshot.unconfirmedHolder("/w", "api")).toBeUndefined();
  expect(changes).toEqual([["a:api", "me:own"], ["me:own"]]);
});

test("a Worker that does not come back is gone when its socket closes", async () => {
  const peers = new Set<net.Socket>();
  const connected = new Promise<void>((resolve) => {
    server.on("connection", (socket) => {
      peers.add(socket);
      resolve();
    });
  });
  snapshot.replace([worker("a", "api")], "me");
  snapshot.replace([], "me");
  await connected;
  const gone = new Promise<void>((resolve) => {
    onNextChange = resolve;
  });
  for (const peer of peers) peer.destroy();
  await gone;
  expect(snapshot.workers).toEqual([]);
});

test("a Worker without a listener is gone at once", async () => {
  snapshot.replace([worker("a", "api", { address: path.join(root, "none.sock") })], "me");
  const gone = new Promise<void>((resolve) => {
    onNextChange = resolve;
  });
  snapshot.replace([], "me");
  await gone;
  expect(snapshot.workers).toEqual([]);
});

test("a name that another session has now is not kept for the former holder", () => {
  snapshot.replace([worker("a", "api")], "me");
  snapshot.replace([worker("b", "api")], "me");
  expect(snapshot.workers).toEqual([worker("b", "api")]);
});

function worker(
  session: string,
  name: string,
  part: Partial<RegisteredWorker> = {},
): RegisteredWorker {
  return {
    name,
    entrypoints: [],
    durableObjectClasses: [],
    address,
    generation: 1,
    ready: true,
    workspace: { root: "/w", kind: "git", repository: [] },
    session: { id: session, pid: 7, cwd: "/w", version: "1.0.0", startedAt: 0 },
    since: 0,
    compatible: true,
    ...part,
  };
}

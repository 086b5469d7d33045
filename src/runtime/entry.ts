/**
 * Main program of a Worker's thread, run by thread-boot.ts: only starts what thread.ts holds.
 */
import { parentPort } from "node:worker_threads";
import { setUndiciLoader, type UndiciLike } from "../web/http/fetch.ts";
import { setWebSocketClientLoader, type WsLike } from "../web/websocket/client.ts";
import { Thread } from "./thread.ts";

if (parentPort === null) throw new Error("The runtime only runs in a worker thread.");
// Files of their own in the build, read with the first outbound request (scripts/build-runtime.js).
setUndiciLoader(async () => (await import("undici")) as unknown as UndiciLike);
setWebSocketClientLoader(async () => (await import("ws")) as unknown as WsLike);
new Thread(parentPort);

/**
 * Main program of a Worker's thread, run by thread-boot.ts: only starts what thread.ts holds.
 */
import { parentPort } from "node:worker_threads";
import { Thread } from "./thread.ts";

if (parentPort === null) throw new Error("The runtime only runs in a worker thread.");
new Thread(parentPort);

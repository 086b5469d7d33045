/**
 * Program of a process that runs the statements of one database (process.ts). They run in a thread, so
 * that the main thread hears when the storage thread is gone, and ends everything in the middle of
 * whatever runs. Bundled to dist/statement-process.js.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { messageOf } from "../../util/errors.ts";
import { D1Store } from "./database.ts";
import type { StatementAnswer, StatementCall } from "./process.ts";

if (isMainThread) supervise();
else run();

function supervise(): void {
  const [root, id] = process.argv.slice(2);
  const thread = new Worker(new URL(import.meta.url), { workerData: { root, id } });
  process.on("message", (call) => thread.postMessage(call));
  thread.on("message", (answer: StatementAnswer) => process.send?.(answer));
  thread.on("error", () => process.kill(process.pid, "SIGKILL"));
  // A statement that runs hears no other signal, and leaves nothing behind that SQLite would not undo.
  const end = (): void => {
    process.kill(process.pid, "SIGKILL");
  };
  process.on("disconnect", end);
  // It may have gone before this was loaded.
  if (!process.connected) end();
  // Ctrl-C is for the session, which lets calls end first.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
}

function run(): void {
  const { root, id } = workerData as { readonly root: string; readonly id: string };
  const store = new D1Store(root, id);
  parentPort?.on("message", ({ queries, withBookmark, lastRowId }: StatementCall) => {
    parentPort?.postMessage(answerTo(() => store.adopt(lastRowId).query(queries, withBookmark)));
    // The file may be deleted or replaced as if nobody had it open.
    store.close();
  });
  parentPort?.postMessage({ type: "booted" } satisfies StatementAnswer);
}

function answerTo(
  query: () => Extract<StatementAnswer, { type: "answer" }>["answer"],
): StatementAnswer {
  try {
    return { type: "answer", answer: query() };
  } catch (error) {
    return { type: "error", message: messageOf(error) };
  }
}

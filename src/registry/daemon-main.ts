/**
 * The daemon's process, started detached by registry/starter.ts with its settings as the only
 * argument. Says once over IPC how the start went, then lets go of the session that started it.
 */
import { messageOf } from "../util/errors.ts";
import { type DaemonSettings, startDaemon } from "./daemon.ts";

/** What the starter hears. */
export type DaemonStart =
  | { readonly type: "started" }
  | { readonly type: "exists" }
  | { readonly type: "failed"; readonly message: string };

async function main(): Promise<void> {
  process.title = "drover-registry";
  const settings = JSON.parse(process.argv[2] ?? "null") as DaemonSettings;
  const daemon = await startDaemon(settings);
  report({ type: daemon ? "started" : "exists" });
  if (daemon === undefined) return;
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => daemon.close());
  process.on("SIGHUP", () => {});
  await daemon.closed;
  // At once: connections that watch dead sessions' sockets do not keep the daemon. A displaced
  // daemon exits without closing its server, which would unlink its successor's socket.
  process.exit(0);
}

function report(start: DaemonStart): void {
  // The starter may be gone already: nobody needs the answer then.
  if (process.connected) process.send?.(start, () => process.connected && process.disconnect());
}

main().catch((error: unknown) => {
  report({ type: "failed", message: messageOf(error) });
  process.exitCode = 1;
});

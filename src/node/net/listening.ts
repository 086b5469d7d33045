/** What `listen` and `close` of the servers of node:net and node:http have in common. */
import type { EventEmitter } from "node:events";
import { nodeError } from "../errors.ts";
import type { Listener } from "./arguments.ts";

/** The port that is asked for, not checked yet, and the callback among the arguments of `listen`. */
export function listenArguments(args: readonly unknown[]): {
  readonly port: unknown;
  readonly callback: Listener | undefined;
} {
  const [first] = args;
  const isOptions = typeof first === "object" && first !== null;
  const port = isOptions ? (first as { readonly port?: unknown }).port : first;
  const callback = args.find((value) => typeof value === "function") as Listener | undefined;
  return { port: typeof port === "function" ? 0 : port, callback };
}

/** Calls `callback` when the server is closed; with an error if it did not listen. */
export function callOnClose(
  server: EventEmitter,
  wasListening: boolean,
  callback: Listener | undefined,
): void {
  if (callback === undefined) return;
  const error = nodeError(Error, "ERR_SERVER_NOT_RUNNING", "Server is not running.");
  if (wasListening) server.once("close", callback);
  else queueMicrotask(() => callback(error));
}

/** A check of `drover smoke` that calls a method by RPC instead of requesting a path. */
import type { CallPath } from "../../client/call-path.ts";
import { callPath } from "../../client/call-path.ts";
import type { RpcClient } from "../../client/rpc-client.ts";
import { findMissing } from "./check.ts";

export interface CallCheck extends CallPath {
  readonly kind: "call";
  /** Its name, or what it calls. */
  readonly text: string;
  /** Undefined: the first Worker. */
  readonly worker: string | undefined;
  readonly args: readonly unknown[];
  /** What the result, as JSON, has at least. */
  readonly json: { readonly value: unknown } | undefined;
  /** The call fails, with this in its name and message. */
  readonly error: string | undefined;
  /** Milliseconds from the call to its result. */
  readonly mostMs: number | undefined;
}

/** Undefined if the call came out as expected, else what is wrong. */
export async function runCallCheck(
  client: RpcClient,
  check: CallCheck,
  primary: string,
): Promise<string | undefined> {
  const { worker = primary, entrypoint, path, args, json, error, mostMs } = check;
  const start = performance.now();
  let result: unknown;
  try {
    result = await callPath(client.stub(worker, entrypoint), path, args);
  } catch (failure) {
    const text = failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
    if (error === undefined) return text;
    return text.includes(error) ? undefined : `failed with ${text}, expected "${error}"`;
  }
  const ms = performance.now() - start;
  const shown: string | undefined = JSON.stringify(result);
  if (error !== undefined) return `expected an error with "${error}" but got: ${shown}`;
  if (json !== undefined) {
    const missing = findMissing(json.value, JSON.parse(shown ?? "null"), "");
    if (missing !== undefined) return missing;
  }
  if (mostMs === undefined || ms <= mostMs) return undefined;
  return `took ${Math.round(ms)} ms, expected at most ${mostMs} ms`;
}

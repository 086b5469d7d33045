/**
 * Calls that fail whatever their arguments are: on what is disposed, rejected or gone. The
 * arguments are serialized and given up all the same, as those of any call are (spec/rpc.md 4.1):
 * one that cannot be sent says so first, and targets among them are disposed.
 */
import { isFlat } from "../codec/flat.ts";
import type { Core } from "../contracts/core.ts";
import { Session } from "./session.ts";

/** Makes the error of arguments that cannot be sent; undefined if they can. */
export function giveUp(
  core: Core,
  args: readonly unknown[] | undefined,
): (() => unknown) | undefined {
  const context = core.host.currentContext();
  if (context === undefined || args === undefined || isFlat(args)) return undefined;
  const session = new Session({ core, context, role: "caller", label: "" });
  try {
    session.commit(session.encode(args), "params", undefined);
    return undefined;
  } catch (error) {
    return () => error;
  } finally {
    session.close({ type: "done" });
  }
}

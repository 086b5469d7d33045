/** What lookup.ts asks of the engine: recognizing stubs, and the exceptions of design.md. */
import type { RpcHost } from "../contract.ts";
import type { TargetKinds } from "../contracts/kinds.ts";
import type { LookupHooks } from "../contracts/lookup.ts";
import { stateOf } from "../stub-state.ts";

const { hasOwn, getPrototypeOf } = Object;

export function createLookupHooks(host: RpcHost, { isTarget }: TargetKinds): LookupHooks {
  return {
    isTarget,
    kindOf: (value) => {
      const kind = stateOf(value)?.kind;
      if (kind === undefined || kind === "target") return undefined;
      return kind === "property" || kind === "promise" ? kind : "stub";
    },
    onMissing: (method, target, isEntrypoint) => {
      const className = (target as { constructor?: { name?: unknown } } | null)?.constructor?.name;
      host.report({
        type: "unknown-method",
        method,
        target: target as object,
        className: typeof className === "string" ? className : "",
        isEntrypoint,
      });
    },
    allowReserved: (name, target, args) => {
      if (name !== "connect" || args === undefined || args.length > 0) return false;
      if (host.strict === true || !definesMethod(target, name)) return false;
      host.report({
        type: "warning",
        text: "connect() without arguments was called as an RPC method. In production `connect` is reserved on entrypoints: rename the method.",
        once: "rpc-connect",
      });
      return true;
    },
  };
}

/** Its own class defines it, or (handler object) it is its own. */
function definesMethod(target: unknown, name: string): boolean {
  for (
    let object = target as object | null;
    object !== null && object !== Object.prototype;
    object = getPrototypeOf(object)
  ) {
    if (hasOwn(object, name)) return true;
  }
  return false;
}

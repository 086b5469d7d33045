/**
 * How bindings travel over RPC: as an argument, a result, in `props` and in the `env` of a dynamic Worker.
 * Those of wrapped-binding.ts can, as in production; they arrive as what they were, on the same data. Used
 * by the RPC engine of a Worker's thread (load-worker.ts).
 */
import type { ResourceKind } from "../../protocol/worker-spec.ts";
import type { ValueType } from "../../rpc/contract.ts";
import { serviceOnlyRpc, unsupportedType } from "../../rpc/error-texts.ts";
import { createD1Database } from "./d1/database.ts";
import { createRemoteOnly } from "./remote-only.ts";
import type { ResourceCaller } from "./resource.ts";
import { createImages } from "./small/images.ts";
import { type SentBinding, sentBinding, WrappedBinding } from "./wrapped-binding.ts";

/** The binding, and the process whose state folder its data are in. */
type Wire = readonly [binding: SentBinding, host: number];

const ELSEWHERE =
  "This binding was sent by a Worker of another session, whose resources are not reached from here: bind them to this Worker.";

/** `caller`: how a resource is reached from this thread. */
export function bindingType(
  caller: (kind: ResourceKind, id: string) => ResourceCaller,
): ValueType<WrappedBinding> {
  return {
    tag: "binding",
    prototype: WrappedBinding.prototype,
    encode(value, rules = "rpc"): Wire {
      const binding = sentBinding(value);
      if (binding === undefined) throw refused(unsupportedType(value.constructor.name));
      if (rules === "clone" || rules === "data") throw refused(serviceOnlyRpc);
      return [binding, process.pid];
    },
    decode(data) {
      const [binding, host] = data as Wire;
      const { kind, id } = binding;
      if (kind === "remote-only") return createRemoteOnly(id, binding.className) as WrappedBinding;
      const call = host === process.pid ? caller(kind, id) : refuse;
      return kind === "d1" ? createD1Database(call, id) : createImages(call, id);
    },
  };
}

const refuse: ResourceCaller = () => Promise.reject(new Error(ELSEWHERE));

function refused(text: string): DOMException {
  return new DOMException(text, "DataCloneError");
}

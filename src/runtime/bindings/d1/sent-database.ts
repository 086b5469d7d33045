/**
 * How a D1 binding travels: by the database's id, as an argument, a result, in `props` and in the
 * `env` of a dynamic Worker, as in production. Bindings to other stores cannot be sent. Used by the
 * RPC engine of a Worker's thread (load-worker.ts).
 */
import type { ResourceKind } from "../../../protocol/worker-spec.ts";
import type { ValueType } from "../../../rpc/contract.ts";
import { serviceOnlyRpc, unsupportedType } from "../../../rpc/error-texts.ts";
import type { ResourceCaller } from "../resource.ts";
import { D1Database, databaseId } from "./database.ts";

/** The database's id, and the process whose state folder it is in. */
type Sent = readonly [id: string, host: number];

const ELSEWHERE =
  "This D1 binding was sent by a Worker of another session, whose databases are not reached from here: bind the database to this Worker.";

/** `caller`: how a resource is reached from this thread. */
export function databaseType(
  caller: (kind: ResourceKind, id: string) => ResourceCaller,
): ValueType<D1Database> {
  return {
    tag: "d1",
    prototype: D1Database.prototype,
    encode(database, rules = "rpc"): Sent {
      const id = databaseId(database);
      if (id === undefined) throw refused(unsupportedType("D1Database"));
      if (rules === "clone" || rules === "data") throw refused(serviceOnlyRpc);
      return [id, process.pid];
    },
    decode(data) {
      const [id, host] = data as Sent;
      const isHere = host === process.pid;
      return new D1Database(isHere ? caller("d1", id) : refuse, id);
    },
  };
}

const refuse: ResourceCaller = () => Promise.reject(new Error(ELSEWHERE));

function refused(text: string): DOMException {
  return new DOMException(text, "DataCloneError");
}

import { afterEach, expect, test } from "vitest";
import { setSpanPort } from "../../../src/isolate/request-spans.ts";
import { RpcContext } from "../../../src/rpc/context.ts";
import type { AcceptedSession, SessionOpen } from "../../../src/rpc/contract.ts";
import { createRpcHost, type RpcHostOptions } from "../../../src/runtime/rpc/rpc-host.ts";

afterEach(() => setSpanPort("callee", undefined, () => {}));

test("a session that is traced from here on hears that its caller has left", () => {
  setSpanPort("callee", { seed: "0", records: true }, () => {});
  const heard: unknown[] = [];
  const trace = { requestId: "caller-1-1 GET /", depth: 1 };
  const session: AcceptedSession = {
    context: new RpcContext({ trace, kind: "request" }),
    lookup: "class",
    target: () => ({}),
    event: () => undefined,
    finished: (...ending) => heard.push(...ending),
  };
  const worker = { accept: () => session } as unknown as ReturnType<RpcHostOptions["worker"]>;
  const spec = { name: "callee" } as RpcHostOptions["spec"];
  const host = createRpcHost({ spec, worker: () => worker } as RpcHostOptions);
  const open: SessionOpen = { target: { service: "callee" }, trace, peer: "", link: 0, session: 1 };
  const reason = new Error("lost");
  const accepted = host.accept(open);
  accepted.finished(reason, true);
  expect(accepted).not.toBe(session);
  expect(heard).toEqual([reason, true]);
});

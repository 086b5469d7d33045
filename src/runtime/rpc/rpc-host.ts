/**
 * The RPC engine's surroundings in a Worker's thread: who is current, what a session reaches, how
 * reports are worded for the log. One per thread.
 */

import { currentInvocation, type Invocation, runInvocation } from "../../isolate/invocation.ts";
import { logException, logRuntime } from "../../isolate/log.ts";
import { adoptedTrace, RootSpan } from "../../isolate/request-spans.ts";
import type { Origin } from "../../isolate/running.ts";
import { limitsOf } from "../../protocol/dynamic.ts";
import { NO_LINK } from "../../protocol/running.ts";
import type { ResourceKind, ServiceTarget, WorkerSpec } from "../../protocol/worker-spec.ts";
import type {
  AcceptedSession,
  Context,
  RpcFlags,
  RpcHost,
  RpcReport,
  ServiceChannel,
  SessionOpen,
  TraceInfo,
} from "../../rpc/contract.ts";
import { signalPlatform } from "../../web/events/signal-platform.ts";
import { streamPlatform } from "../../web/streams/platform.ts";
import { httpValueTypes } from "../../web/value-types.ts";
import { cloneRefusal } from "../bindings/clone-refusals.ts";
import type { ResourceCaller } from "../bindings/resource.ts";
import { bindingType } from "../bindings/sent-bindings.ts";
import { isApiObject } from "../globals/api-objects.ts";
import type { WorkerTarget } from "../worker.ts";
import { aroundSession } from "./around-session.ts";
import { calledBy } from "./request-trace.ts";
import { reportText } from "./rpc-reports.ts";
import { rpcTracer } from "./rpc-spans.ts";

export interface RpcHostOptions {
  readonly spec: WorkerSpec;
  readonly flags: RpcFlags;
  readonly channelFor: (target: ServiceTarget) => ServiceChannel;
  /** How a local resource is reached, for bindings that travel. */
  readonly caller: (kind: ResourceKind, id: string) => ResourceCaller;
  /** Undefined until the Worker is evaluated; sessions cannot arrive before. */
  readonly worker: () => WorkerTarget;
}

function originOf({ link, session, target }: SessionOpen, spec: WorkerSpec): Origin | undefined {
  const { dynamic, limits } = spec;
  const known = link === undefined ? undefined : { link, id: session };
  if (dynamic === undefined || limits === "off") return known;
  const { cpuMs, subRequests } = limitsOf(target.service);
  const fewest = Math.min(dynamic.subRequests ?? Infinity, subRequests ?? Infinity);
  return { ...(known ?? NOWHERE), cpuMs, subRequests: fewest };
}

/** The host does not know it: the Worker has called itself. */
const NOWHERE: Origin = { link: NO_LINK, id: 0 };

export function createRpcHost(options: RpcHostOptions): RpcHost {
  return {
    flags: options.flags,
    limits: options.spec.limits,
    strict: options.spec.strict,
    signals: signalPlatform,
    streams: streamPlatform,
    valueTypes: [...httpValueTypes, bindingType(options.caller)],
    isApiObject,
    cloneRefusal,
    tracer: rpcTracer,
    currentContext: currentInvocation,
    // The engine only passes contexts that came from here.
    runInContext: <T>(context: Context, fn: () => T): T => runInvocation(context as Invocation, fn),
    channelFor: options.channelFor,
    accept: (open: SessionOpen): AcceptedSession => {
      const trace = adoptedTrace(open.trace);
      const origin = originOf(open, options.spec);
      if (trace === open.trace) return options.worker().accept(open, origin);
      if (trace.sampled !== true) return options.worker().accept({ ...open, trace }, origin);
      return traced(options.worker().accept({ ...open, trace }, origin), trace);
    },
    report: (report: RpcReport): void => {
      if (report.type === "callee-error") {
        logException(report.error, "Uncaught", calledBy(report.caller, report.trace.requestId));
        return;
      }
      if (report.type === "disposer-error") {
        logException(report.error, "Uncaught");
        return;
      }
      const { level, text, once } = reportText(report);
      logRuntime(level, text, once);
    },
  };
}

/** A session that nobody traces at its other end is the root of what it leads to here. */
function traced(session: AcceptedSession, trace: TraceInfo): AcceptedSession {
  const { entrypoint } = session;
  const span = new RootSpan(trace, "rpc", entrypoint ?? "default");
  const named = (name: string): string =>
    entrypoint === undefined ? name : `${entrypoint}.${name}`;
  return aroundSession(session, {
    called: (path, kind, isMain) => {
      if (isMain) span.rename(named(path));
      return session.called?.(path, kind, isMain);
    },
    event: (name, args) => {
      span.rename(named(name));
      return session.event(name, args);
    },
    finished: (reason, isCallers) => {
      if (reason === undefined) span.answered("ok");
      session.finished(reason, isCallers);
      span.end();
    },
  });
}

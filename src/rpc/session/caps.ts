/**
 * Capabilities of a payload: from what the encoder found to table entries and wire descriptors, and
 * from descriptors to live objects (spec/rpc.md 2.2, 4.1). Runs after the whole value was walked,
 * so only a bad `dup()` can fail here; what was done until then is undone.
 */

import { types } from "node:util";
import type { ServiceTarget } from "../../protocol/worker-spec.ts";
import { DisposedHook } from "../calls/disposed-hook.ts";
import { ImportHook } from "../calls/import-hook.ts";
import { TargetHook } from "../calls/target-hook.ts";
import { decode } from "../codec/decode.ts";
import { encode } from "../codec/encode.ts";
import { dataCloneError } from "../codec/errors.ts";
import type { AnswerHandle } from "../contracts/answer.ts";
import type { Core } from "../contracts/core.ts";
import type { Hook } from "../contracts/hook.ts";
import type { EncodedValue, FoundCap } from "../contracts/payload.ts";
import type { SessionHandle } from "../contracts/session.ts";
import type { StubHandle, StubOwner } from "../contracts/stubs.ts";
import { badDup, crossContext } from "../error-texts.ts";
import { Cap } from "../frames.ts";
import type { Origin } from "../origin.ts";

/** The fields of a payload, with table entries made for its capabilities; for modes see below. */
export function commitPayload(
  session: SessionHandle,
  { value, caps, fixes }: EncodedValue,
  mode: "params" | "result",
  answer: AnswerHandle | undefined,
): unknown[] {
  if (fixes === undefined && caps === undefined) return [value];
  const wire = caps === undefined ? undefined : commitCaps(session, caps, mode, answer);
  if (fixes !== undefined) return [value, wire ?? 0, fixes];
  // The value is a capability: most often a stub, for which its number will do.
  const only = wire?.[0];
  return [0, only?.[0] === Cap.stub ? only[1] : wire];
}

/** "params": the caller keeps its stubs (by flag). "result": ownership moves to the receiver. */
function commitCaps(
  session: SessionHandle,
  found: readonly FoundCap[],
  mode: "params" | "result",
  answer: AnswerHandle | undefined,
): unknown[][] {
  const exported: number[] = [];
  const disposals: StubHandle[] = [];
  const exportHook = (hook: Hook): unknown[] => {
    const id = session.export(hook);
    exported.push(id);
    return [Cap.stub, id];
  };
  try {
    // Everything that can fail comes before the first stream is touched.
    const stubs = found.map((cap) =>
      cap.type === "target" || cap.type === "stub"
        ? exportHook(hookFor(session, cap, mode, answer, disposals))
        : undefined,
    );
    for (const cap of found) session.core.streams.assertSendable(session, cap);
    const wire = found.map((cap, index) => stubs[index] ?? commitOther(session, cap));
    for (const stub of disposals) stub.dispose();
    return wire;
  } catch (error) {
    for (const id of exported) session.dropExport(id);
    throw error;
  }
}

function hookFor(
  session: SessionHandle,
  cap: FoundCap & { type: "target" | "stub" },
  mode: "params" | "result",
  answer: AnswerHandle | undefined,
  disposals: StubHandle[],
): Hook {
  const { core, context } = session;
  if (cap.type === "stub") {
    const stub = cap.state;
    if (stub.context !== context) throw new Error(crossContext(stub.context.kind, "Client"));
    if (stub.disposed) {
      stub.reportUse();
      return new DisposedHook(core);
    }
    if (mode === "result") answer?.own(stub, undefined);
    else if (!core.host.flags.rpcParamsDupStubs) disposals.push(stub);
    return stub.hook.retain();
  }
  const target =
    mode === "params" && core.host.flags.rpcParamsDupStubs ? dupOf(session, cap) : cap.value;
  const hook = new TargetHook(core, context, target, cap.allowInstanceProps);
  // Pipelined calls may still run on it after the asker released the export.
  if (mode === "result") answer?.own(undefined, hook.retain());
  return hook;
}

/** A parameter with a `dup()` method is sent as its duplicate (spec/rpc.md 4.1(8)). */
function dupOf(session: SessionHandle, cap: FoundCap & { type: "target" }): object {
  const { value } = cap;
  const dup = (value as { dup?: unknown }).dup;
  if (typeof dup !== "function") return value;
  const { targetKinds } = session.core;
  const isProxy = types.isProxy(value);
  const copy: unknown = Reflect.apply(dup, value, []);
  const isTarget = targetKinds.isTarget(value);
  const sameKind = isTarget
    ? isProxy
      ? targetKinds.showsTarget(copy)
      : targetKinds.inheritsTarget(copy)
    : typeof value === "function"
      ? typeof copy === "function"
      : typeof copy === "object" && copy !== null;
  if (sameKind) return copy as object;
  if (isProxy) throw dataCloneError(badDup.proxy);
  throw dataCloneError(isTarget ? badDup.target : badDup.function);
}

function commitOther(session: SessionHandle, cap: FoundCap): unknown[] {
  if (cap.type === "service") return encodeToken(session.core, cap.state.channel.token);
  return session.core.streams.send(session, cap);
}

/** Head of an `open` frame. Most bindings lead to a default entrypoint: the service says it all. */
export function encodeTarget(core: Core, token: ServiceTarget): string | unknown[] {
  const { service, entrypoint, assets, durableObject, props } = token;
  const isDefault = (entrypoint ?? assets ?? durableObject ?? props) === undefined;
  return isDefault ? service : encodeToken(core, token);
}

/** `owner` gets the stubs in the props. */
export function decodeTarget(core: Core, wire: unknown, owner: StubOwner): ServiceTarget {
  if (typeof wire === "string") return { service: wire };
  return decodeToken(core, wire as readonly unknown[], owner);
}

/** In place of an entrypoint's name: what an assets binding points to. */
const ASSET_SERVER = 1;

/** Props may hold ServiceStubs, so they are a payload. */
function encodeToken(core: Core, token: ServiceTarget): unknown[] {
  const object = token.durableObject;
  const wire: unknown[] = [
    Cap.service,
    token.service,
    token.assets === true ? ASSET_SERVER : (token.entrypoint ?? 0),
    object === undefined ? 0 : [object.id, object.name ?? 0],
  ];
  if (token.props === undefined) return wire;
  return [...wire, ...pack(core, token.props)];
}

/**
 * Data and ServiceStubs as the fields of a payload, plain data that belongs to no session; throws a
 * DataCloneError for anything else.
 */
export function pack(core: Core, value: unknown): unknown[] {
  const { value: copy, caps, fixes } = encode(core, value, { deep: true, rules: "props" });
  if (caps === undefined) return fixes === undefined ? [copy] : [copy, 0, fixes];
  const wire = caps.map((cap) =>
    cap.type === "service" ? encodeToken(core, cap.state.channel.token) : undefined,
  );
  return fixes === undefined ? [0, wire] : [copy, wire, fixes];
}

/** What `pack` made. `owner` gets the stubs; undefined: they are nobody's, as bindings are. */
export function unpack(core: Core, fields: readonly unknown[], owner?: StubOwner): unknown {
  const [value, caps, fixes] = fields as [
    unknown,
    unknown[][] | 0 | undefined,
    unknown[][] | undefined,
  ];
  const live = (caps || undefined)?.map((cap) => hydrateToken(core, cap, owner));
  return decode(core, { value, fixes }, live);
}

function decodeToken(
  core: Core,
  wire: readonly unknown[],
  owner: StubOwner | undefined,
): ServiceTarget {
  const [, service, entrypoint, object] = wire as [
    number,
    string,
    string | 0 | typeof ASSET_SERVER,
    [string, string | 0] | 0,
    ...unknown[],
  ];
  // A named entrypoint is the commonest of all.
  if (wire.length === 4 && object === 0 && typeof entrypoint === "string") {
    return { service, entrypoint };
  }
  const props = wire.slice(4);
  return {
    service,
    ...(typeof entrypoint === "string" && { entrypoint }),
    ...(entrypoint === ASSET_SERVER && { assets: true }),
    ...(object !== 0 && {
      durableObject: { id: object[0], ...(object[1] !== 0 && { name: object[1] }) },
    }),
    ...(props.length > 0 && { props: unpack(core, props, owner) as Record<string, unknown> }),
  };
}

/** Only tokens may be inside of props: nothing that belongs to a session. */
function hydrateToken(core: Core, cap: readonly unknown[], owner: StubOwner | undefined): object {
  if (cap[0] !== Cap.service) throw new TypeError("Only ServiceStubs can be part of props");
  return core.makeServiceStub(decodeToken(core, cap, owner), owner);
}

export interface LiveCaps {
  readonly values: unknown[];
  readonly stubs: StubHandle[] | undefined;
}

/**
 * `wire`: descriptors, or the export number of the stub that is the whole value. At once on
 * receipt, so that frames behind this one find the entries that they name.
 */
export function hydrateCaps(
  session: SessionHandle,
  wire: readonly (readonly unknown[])[] | number,
  origin: Origin,
): LiveCaps {
  if (typeof wire === "number") {
    const stub = importStub(session, wire, origin);
    return { values: [stub.proxy], stubs: [stub] };
  }
  let stubs: StubHandle[] | undefined;
  const values = wire.map((cap) => {
    switch (cap[0]) {
      case Cap.stub: {
        const stub = importStub(session, cap[1] as number, origin);
        stubs ??= [];
        stubs.push(stub);
        return stub.proxy;
      }
      case Cap.service:
        return hydrateToken(session.core, cap, { context: session.context });
      default:
        return session.core.streams.receive(session, cap);
    }
  });
  return { values, stubs };
}

function importStub(session: SessionHandle, id: number, origin: Origin): StubHandle {
  const hook = new ImportHook(session, id, origin);
  session.import(id, hook);
  return session.core.makeStub(hook, session.context, origin);
}

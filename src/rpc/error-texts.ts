/**
 * The error texts of Workers RPC, in one place (spec/rpc.md section 13). Programs match on these, so
 * they are production's, letter for letter, upstream's typos included. Used by the engine in every
 * thread, and by runtime/ for the texts that belong to the Worker side.
 */

/* ------------------------------------------------ TypeErrors ------------------------------ */

export function notImplemented(name: string): string {
  return `The RPC receiver does not implement the method "${name}".`;
}

/** `path` is the full dotted path; empty means the target itself. */
export function notAFunction(path: string): string {
  return `"${path === "" ? "(this)" : path}" is not a function.`;
}

export function reservedMethod(name: string): string {
  return `'${name}' is a reserved method and cannot be called over RPC.`;
}

export function handlerArity(name: string): string {
  return `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first argument comes from the client. To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.`;
}

export function handlerArgumentCount(name: string): string {
  return `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler function that is not declared as part of a class, you must always send exactly one argument. In order to support variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.`;
}

export function unreasonableLength(length: number): string {
  return `RPC function has unreasonable length attribute: ${length}`;
}

export const stubTarget: string =
  "RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.";
export const pathTooDeep: string = "RPC pipelined property path is too deep (max 64).";
export const cannotPipeline: string = "Can't pipeline on RPC that did not return an object.";
export const illegalConstructor: string = "Illegal constructor";
export const notAnRpcObject: string = "The receiver is not an RPC object";
export const readableLocked: string = "The ReadableStream has been locked to a reader.";
export const readableDisturbed: string = "This ReadableStream is disturbed.";
export const writableBackedLocked: string = "This WritableStream is currently locked to a writer.";
export const readableNotBytes: string = "This ReadableStream did not return bytes.";
export const writableNotBytes: string = "This WritableStream only supports writing byte types.";

/** V8's own, of a RangeError: for values that are nested too deep. */
export const tooDeep: string = "Maximum call stack size exceeded";

/* ------------------------------------------------ Errors ---------------------------------- */

export const stubDisposed: string = "RPC stub used after being disposed.";
export const promiseDisposed: string = "RPC promise used after being disposed.";
export const hostContextGone: string =
  "The execution context which hosts this callback is no longer running.";
export const calleeCanceled: string = "The execution context responding to this call was canceled.";
export const connectionLost: string = "Network connection lost.";
export const clientDisconnected: string =
  "Can't read from request stream because client disconnected.";
export const readAfterResponse: string =
  "Can't read from request stream after response has been sent.";
export const hung: string =
  "The Workers runtime canceled this request because it detected that your Worker's code had hung and would never generate a response. Refer to: https://developers.cloudflare.com/workers/observability/errors/";
export const readableDisconnected: string =
  "ReadableStream received over RPC disconnected prematurely.";
export const writableDisconnected: string =
  "WritableStream received over RPC was disconnected because the remote execution context has ended.";
export const writeAfterClose: string = "Write after stream has been closed.";
export const contextAborted: string = "Worker execution was aborted due to call to ctx.abort().";
export const globalScope: string =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";
export const depthLimit: string =
  "Subrequest depth limit exceeded. This request recursed through Workers too many times. This can happen e.g. if you have a Worker or Durable Object that calls other Workers or objects recursively.";
export const invocationLimit: string = "Too many subrequests by single Worker invocation.";

export function payloadTooLarge(bytes: number): string {
  return `Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: ${bytes} bytes.`;
}

/** What the texts of cross-context errors end with, as observed (the `>` is production's). */
export type IoType =
  | "ActorCacheInterface"
  | "Canceler"
  | "Client"
  | "JsRpcPromise"
  | "Native"
  | "Pipeline"
  | "ReadableStreamSource>"
  | "SubrequestChannel"
  | "WorkerStubChannel"
  | "Writable";

/** Use of an I/O object from another invocation (spec/rpc.md 4.4). */
export function crossContext(kind: "request" | "durable-object", ioType: IoType): string {
  return kind === "request"
    ? `Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) created in the context of one request handler cannot be accessed from a different request's handler. This is a limitation of Cloudflare Workers which allows us to improve overall performance. (I/O type: ${ioType})`
    : `Cannot perform I/O on behalf of a different Durable Object. I/O objects (such as streams, request/response bodies, and others) created in the context of one Durable Object cannot be accessed from a different Durable Object in the same isolate. This is a limitation of Cloudflare Workers which allows us to improve overall performance. (I/O type: ${ioType})`;
}

/* ------------------------------------------------ DataCloneErrors ------------------------- */

export function unsupportedType(constructorName: string): string {
  return `Could not serialize object of type "${constructorName}". This type does not support serialization.`;
}

export const dynamicNotSendable =
  "Entrypoints to dynamically-loaded workers cannot be transferred to other Workers, because the system does not know how to reload this Worker from scratch. Instead, have the parent Worker expose an entrypoint which constructs the dynamic worker and forwards to it.";

/** V8's wording; `what` is "Symbol(x)", "#<Promise>", "[object Generator]". */
export function couldNotBeCloned(what: string): string {
  return `${what} could not be cloned.`;
}

export const invalidProxy: string =
  "Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain object or an RpcTarget, as indicated by the Proxy's prototype chain.";
export const abortSignalDisabled: string = "AbortSignal serialization is not enabled.";
export const readableOnlyRpc: string = "ReadableStream can only be serialized for RPC.";
export const writableOnlyRpc: string = "WritableStream can only be serialized for RPC.";
export const signalOnlyRpc: string = "AbortSignal can only be serialized for RPC.";
export const stubNotPersistent: string =
  "RpcStub cannot be serialized in this context because it is not a persistent stub.";
export const serviceOnlyRpc: string = "ServiceStub cannot be serialized in this context.";
export const errorMessageNotString: string =
  "Deserialization failed: error message is not a string";
export const referenceOnlyRpc: string = "Remote RPC references can only be serialized for RPC.";

/** Bad results of a parameter's `dup()` (spec/rpc.md 4.1(8); "RcpTarget" is upstream's typo). */
export const badDup: {
  readonly target: string;
  readonly function: string;
  readonly proxy: string;
} = {
  target:
    "Couldn't create a stub for the RcpTarget because it has a dup() method which did not return another RpcTarget. Either remove the dup() method or make sure it returns an RpcTarget.",
  function:
    "Couldn't create a stub for the function because it has a dup() method which did not return another function. Either remove the dup() method or make sure it returns a function.",
  proxy:
    "Couldn't create a stub for the Proxy because it has a dup() method which did not return the same underlying type (RpcTarget or Function) as the Proxy itself represents. Either remove the dup() method or make sure it returns an RpcTarget.",
};

/* ------------------------------------------------ others ---------------------------------- */

/** AbortError of a clone whose link went away (spec/rpc.md 2.6). */
export const signalLost: string =
  "An AbortSignal received over RPC was implicitly aborted because the connection back to its trigger was lost.";

/** Logged once per name when the caller's Worker has RPC off (spec/rpc.md 1.2). */
export function rpcDisabled(name: string): string {
  return `WARNING: Tried to access method or property '${name}' on a Service Binding or Durable Object stub. Are you trying to use RPC? If so, please enable the 'rpc' compat flag or update your compat date to 2024-04-03 or later (see https://developers.cloudflare.com/workers/configuration/compatibility-dates/ ). If you are not trying to use RPC, please note that in the future, this property (and all other property names) will appear to be present as an RPC method.`;
}

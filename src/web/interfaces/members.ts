/**
 * The members of each interface in production's order, which `for in`, Object.getOwnPropertyNames
 * and the console show (asked of the real runtime at 2026-11-17; spec/workerd-surface.json has the
 * same names in alphabetical order). Read by defineInterface and by what formats values.
 */

/** Of the prototype, without `constructor`, which is the last. */
const members: Record<string, string> = {
  AbortController: "signal abort",
  AbortSignal: "aborted reason onabort throwIfAborted",
  Blob: "size type slice arrayBuffer bytes text stream",
  Body: "body bodyUsed arrayBuffer bytes text json formData blob",
  ByteLengthQueuingStrategy: "highWaterMark size",
  Cache: "add addAll delete match put matchAll keys",
  CacheStorage: "open delete match has keys",
  CountQueuingStrategy: "highWaterMark size",
  Crypto: "subtle getRandomValues randomUUID DigestStream",
  CustomEvent: "detail",
  ErrorEvent: "filename message lineno colno error",
  Event:
    "type eventPhase composed bubbles cancelable defaultPrevented returnValue currentTarget target srcElement timeStamp isTrusted cancelBubble stopImmediatePropagation preventDefault stopPropagation composedPath NONE CAPTURING_PHASE AT_TARGET BUBBLING_PHASE",
  EventSource:
    "close url withCredentials readyState onopen onmessage onerror CONNECTING OPEN CLOSED",
  EventTarget: "addEventListener removeEventListener dispatchEvent",
  ExecutionContext: "waitUntil passThroughOnException mapVirtualHost abort",
  ExtendableEvent: "waitUntil",
  FetchEvent: "respondWith passThroughOnException",
  File: "name lastModified",
  FormData: "append delete get getAll has set entries keys values forEach",
  HTMLRewriter: "on onDocument transform",
  Headers: "get getAll getSetCookie has set append delete forEach entries keys values",
  MessagePort: "postMessage close start onmessage",
  Navigator: "sendBeacon",
  Performance:
    "timeOrigin now eventCounts clearMarks clearMeasures clearResourceTimings getEntries getEntriesByName getEntriesByType mark measure setResourceTimingBufferSize toJSON nodeTiming eventLoopUtilization markResourceTiming timerify",
  PerformanceEntry: "name entryType startTime duration toJSON",
  PerformanceMark: "detail toJSON",
  PerformanceMeasure: "detail toJSON",
  PerformanceObserver: "disconnect observe takeRecords",
  PerformanceObserverEntryList: "getEntries getEntriesByType getEntriesByName",
  PerformanceResourceTiming:
    "connectEnd connectStart decodedBodySize domainLookupEnd domainLookupStart encodedBodySize fetchStart initiatorType nextHopProtocol redirectEnd redirectStart requestStart responseEnd responseStart responseStatus secureConnectionStart transferSize workerStart",
  ReadableByteStreamController: "byobRequest desiredSize close enqueue error",
  ReadableStream: "locked cancel getReader pipeThrough pipeTo tee values",
  ReadableStreamBYOBReader: "closed cancel read releaseLock readAtLeast",
  ReadableStreamBYOBRequest: "view respond respondWithNewView atLeast",
  ReadableStreamDefaultController: "desiredSize close enqueue error",
  ReadableStreamDefaultReader: "closed cancel read releaseLock",
  Request: "clone method url headers redirect fetcher signal cf integrity keepalive cache",
  Response: "clone status statusText headers ok redirected url webSocket cf type",
  ScheduledEvent: "noRetry",
  Socket: "readable writable closed opened upgraded secureTransport close startTls",
  SubtleCrypto:
    "encrypt decrypt sign verify digest generateKey deriveKey deriveBits importKey exportKey wrapKey unwrapKey timingSafeEqual",
  TextDecoder: "decode encoding fatal ignoreBOM",
  TextDecoderStream: "encoding fatal ignoreBOM",
  TextEncoder: "encode encodeInto encoding",
  TextEncoderStream: "encoding",
  TransformStream: "readable writable",
  TransformStreamDefaultController: "desiredSize enqueue error terminate",
  URL: "origin href protocol username password host hostname port pathname search hash searchParams toJSON toString",
  URLPattern:
    "protocol username password hostname port pathname search hash hasRegExpGroups test exec",
  URLSearchParams:
    "size append delete get getAll has set sort entries keys values forEach toString",
  WebSocket:
    "accept send close serializeAttachment deserializeAttachment READY_STATE_CONNECTING CONNECTING READY_STATE_OPEN OPEN READY_STATE_CLOSING CLOSING READY_STATE_CLOSED CLOSED readyState bufferedAmount url protocol extensions binaryType",
  WebSocketRequestResponsePair: "request response",
  WritableStream: "locked abort close getWriter",
  WritableStreamDefaultController: "signal error",
  WritableStreamDefaultWriter: "closed ready desiredSize abort close write releaseLock",
  /** Read by install.ts. */
  ServiceWorkerGlobalScope:
    "DOMException WorkerGlobalScope btoa atob setTimeout clearTimeout setInterval clearInterval queueMicrotask structuredClone reportError fetch Event ExtendableEvent CustomEvent PromiseRejectionEvent FetchEvent TailEvent TraceEvent ScheduledEvent MessageEvent CloseEvent ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStream WritableStream WritableStreamDefaultWriter TransformStream ByteLengthQueuingStrategy CountQueuingStrategy ErrorEvent MessageChannel MessagePort EventSource ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableByteStreamController WritableStreamDefaultController TransformStreamDefaultController setImmediate clearImmediate CompressionStream DecompressionStream TextEncoderStream TextDecoderStream Headers Body Request Response WebSocket WebSocketPair WebSocketRequestResponsePair AbortController AbortSignal TextDecoder TextEncoder Navigator URL URLSearchParams URLPattern Blob File FormData Crypto SubtleCrypto CryptoKey CacheStorage Cache FixedLengthStream IdentityTransformStream HTMLRewriter Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceResourceTiming PerformanceObserver PerformanceObserverEntryList",
};

export const MEMBERS: Readonly<Record<string, string>> = members;

/** A class of older dates, by the name of today's, has them in another order. */
export function reorderMembers(name: string, order: string): void {
  members[name] = order;
}

/** What production has as properties of each instance instead. */
export const INSTANCE_MEMBERS: Readonly<Record<string, string>> = {
  CacheStorage: "default",
  CloseEvent: "wasClean reason code",
  CryptoKey: "usages algorithm extractable type",
  ExecutionContext: "tracing access cache props exports",
  MessageChannel: "port2 port1",
  MessageEvent: "ports source lastEventId origin data",
  Navigator: "languages language platform hardwareConcurrency userAgent",
  PromiseRejectionEvent: "promise reason",
};

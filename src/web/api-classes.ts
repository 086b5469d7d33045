/**
 * The classes of the Workers API by their global name: our own, and Node's where they are the same
 * thing. Read when the runtime boots, before Node's globals are removed.
 */

import { EventSource } from "./events/event-source.ts";
import { CloseEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent } from "./events/events.ts";
import {
  ExtendableEvent,
  FetchEvent,
  ScheduledEvent,
  TailEvent,
  TraceEvent,
} from "./events/extendable.ts";
import { MessageChannel, MessagePort } from "./events/message-channel.ts";
import { Blob, File } from "./forms/blob.ts";
import { FormData } from "./forms/form-data.ts";
import { HTMLRewriter } from "./html-rewriter/html-rewriter.ts";
import { Body } from "./http/body.ts";
import { Headers } from "./http/headers.ts";
import { Request } from "./http/request.ts";
import { Response } from "./http/response.ts";
import { Cache, CacheStorage } from "./scope/caches.ts";
import { Crypto, CryptoKey, SubtleCrypto } from "./scope/crypto.ts";
import { FullPerformance, Navigator } from "./scope/environment.ts";
import { wrapNatives } from "./scope/native-classes.ts";
import { WorkerGlobalScope } from "./scope/scope.ts";
import { URLPattern } from "./scope/url-pattern.ts";
import { streamClasses } from "./streams/classes.ts";
import { WebSocket, WebSocketPair, WebSocketRequestResponsePair } from "./websocket/websocket.ts";

const own = {
  Blob,
  Body,
  Cache,
  CacheStorage,
  CloseEvent,
  Crypto,
  CryptoKey,
  ErrorEvent,
  EventSource,
  ExtendableEvent,
  FetchEvent,
  File,
  FormData,
  HTMLRewriter,
  Headers,
  MessageChannel,
  MessageEvent,
  MessagePort,
  Navigator,
  PromiseRejectionEvent,
  Request,
  Response,
  ScheduledEvent,
  SubtleCrypto,
  TailEvent,
  TraceEvent,
  URLPattern,
  WebSocket,
  WebSocketPair,
  WebSocketRequestResponsePair,
  WorkerGlobalScope,
};

/** Node's, same name and (as far as Workers code can tell) same behaviour. */
const NATIVE = [
  "AbortController",
  "AbortSignal",
  "CustomEvent",
  "DOMException",
  "Event",
  "EventTarget",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLSearchParams",
] as const;

const NATIVE_PERFORMANCE = [
  "PerformanceEntry",
  "PerformanceMark",
  "PerformanceMeasure",
  "PerformanceObserver",
  "PerformanceObserverEntryList",
  "PerformanceResourceTiming",
] as const;

const native = pick(NATIVE);
const nativePerformance = pick(NATIVE_PERFORMANCE);

export function apiClasses(): Record<string, unknown> {
  const others = { ...streamClasses, ...own };
  return { ...wrapNatives(native, Object.values(others)), ...others };
}

/** With `enable_global_performance_classes`. */
export function performanceClasses(): Record<string, unknown> {
  return { ...nativePerformance, Performance: FullPerformance };
}

/** At boot globalThis is still Node's: this is the one place that reads it by name. */
function pick(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
}

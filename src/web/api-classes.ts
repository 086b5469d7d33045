/**
 * The classes of the Workers API by their global name: our own, and Node's where they are the same
 * thing. Read when the runtime boots, before Node's globals are removed.
 */

import { TextDecoder } from "./encoding/text-decoder.ts";
import { AbortController, AbortSignal } from "./events/abort-signal.ts";
import { CustomEvent, Event } from "./events/event.ts";
import { EventSource } from "./events/event-source.ts";
import { EventTarget } from "./events/event-target.ts";
import { CloseEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent } from "./events/events.ts";
import { ExtendableEvent, FetchEvent, ScheduledEvent, TailEvent } from "./events/extendable.ts";
import { MessageChannel, MessagePort } from "./events/message-channel.ts";
import { Blob, File } from "./forms/blob.ts";
import { FormData } from "./forms/form-data.ts";
import { HTMLRewriter } from "./html-rewriter/html-rewriter.ts";
import { Body } from "./http/body.ts";
import { Headers } from "./http/headers.ts";
import { Request } from "./http/request.ts";
import { Response } from "./http/response.ts";
import { type AnyClass, outsideOf } from "./interfaces/outside.ts";
import { Cache, CacheStorage } from "./scope/caches.ts";
import { Crypto, CryptoKey, SubtleCrypto } from "./scope/crypto.ts";
import { DOMException } from "./scope/dom-exception.ts";
import { Navigator } from "./scope/environment.ts";
import { WORDINGS } from "./scope/native-classes.ts";
import { performanceClasses as ownPerformanceClasses } from "./scope/performance.ts";
import { WorkerGlobalScope } from "./scope/scope.ts";
import { URLPattern } from "./scope/url-pattern.ts";
import { streamClasses } from "./streams/classes.ts";
import { WebSocketPair } from "./websocket/pair.ts";
import { WebSocketRequestResponsePair } from "./websocket/request-response-pair.ts";
import { WebSocket } from "./websocket/websocket.ts";

const own = {
  AbortController,
  AbortSignal,
  Blob,
  Body,
  Cache,
  CacheStorage,
  CloseEvent,
  Crypto,
  CryptoKey,
  CustomEvent,
  ErrorEvent,
  Event,
  EventSource,
  EventTarget,
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
  TextDecoder,
  TailEvent,
  /** The older name. */
  TraceEvent: TailEvent,
  URLPattern,
  WebSocket,
  WebSocketPair,
  WebSocketRequestResponsePair,
  WorkerGlobalScope,
};

/** Node's, in our words (native-classes.ts, native-fixes.ts). */
const NATIVE = ["TextEncoder", "URL", "URLSearchParams"] as const;

const native = pick(NATIVE);

/** What user code sees. */
export function apiClasses(): Record<string, unknown> {
  return { ...presented({ ...streamClasses, ...own, ...native }), DOMException };
}

/** With `enable_global_performance_classes`. */
export function performanceClasses(): Record<string, unknown> {
  return presented(ownPerformanceClasses());
}

function presented(classes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const outside = ([name, cls]: [string, unknown]): [string, unknown] => [
    name,
    outsideOf(cls as AnyClass, name, WORDINGS[name]),
  ];
  return Object.fromEntries(Object.entries(classes).map(outside));
}

/** At boot globalThis is still Node's: this is the one place that reads it by name. */
function pick(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
}

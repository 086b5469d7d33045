/**
 * HTTP between the host's front door and a Worker's thread, over one MessagePort per thread. Other
 * events (events.ts) take the same way, so that they start, drain and fail like requests.
 *
 * Both sides queue messages and post them once per event-loop turn as ONE array of messages
 * (`HttpBatch`). A message is a flat array that starts with its opcode: arrays of primitives are
 * the cheapest thing structured clone knows (spikes.md S9). `id` is chosen by the front door,
 * starts at 1 and is never reused on a port.
 *
 * Headers travel as one string `name\nvalue\nname\nvalue` ("" = none). A body is
 *   null                 no body
 *   string | Uint8Array  the whole body
 *   BODY_STREAM          chunks follow
 * Flow control per body and direction: the sender may have at most STREAM_WINDOW bytes
 * unacknowledged; the receiver returns credit as its consumer takes bytes. Chunks are at most
 * STREAM_CHUNK bytes. Bytes of bodies are the sender's own, and handed over (moved-bytes.ts).
 *
 * A request with `Upgrade: websocket` that the Worker answers with a WebSocket goes on, after
 * `upgrade`, as messages in both directions under the same id. Each side may have at most
 * WEB_SOCKET_WINDOW unacknowledged bytes under way, but at least one message of any size: the front
 * door pauses the client's socket, the thread keeps the rest in its own memory. Each side sends one
 * webSocketClose; the id is over with the second, or at once with one of the front door that
 * `isOver`. `finished` follows as for any request.
 */
export const STREAM_WINDOW: number = 256 * 1024;
export const STREAM_CHUNK: number = 64 * 1024;
export const BODY_STREAM = 1;
/** Text counts in UTF-16 units. */
export const WEB_SOCKET_WINDOW: number = 1024 * 1024;
/** What a client may send in one message: as production (code 1009 beyond). */
export const MAX_WEB_SOCKET_MESSAGE: number = 32 * 1024 * 1024;

export type HttpBody = null | string | Uint8Array | typeof BODY_STREAM;

/** Front door -> thread. */
export const ToWorker = {
  /** [op, id, method, url, headers, body, cf]; `cf` is the JSON text of request.cf or null. */
  request: 1,
  /** [op, id, bytes] one chunk of the request body. */
  bodyChunk: 2,
  /** [op, id] the request body is complete. */
  bodyEnd: 3,
  /**
   * [op, id] the client is gone: request.signal aborts, the body errors, the response is dropped.
   * Nothing more is sent for this id by either side except `finished`.
   */
  abort: 4,
  /** [op, id, bytes: number] the client took that many bytes of the response body. */
  responseCredit: 5,
  /** [op, id, data: string | Uint8Array] */
  webSocketMessage: 16,
  /**
   * [op, id, code, reason, isOver]; 1005: closed without a code, 1006: the connection broke.
   * isOver: nobody is there to take an answer.
   */
  webSocketClose: 17,
  /** [op, id, size: number] messages of that size went to the client. */
  webSocketCredit: 18,
  /** [op, id, event: WorkerEvent] */
  event: 32,
} as const;

/**
 * No code of the wire: the client sent frames that break the rules or are too large, and was told so with 1002
 * or 1009. The reason describes them in the real runtime's words.
 */
export const PROTOCOL_ERROR = 0xfffe;

/** Thread -> front door. */
export const ToFrontDoor = {
  /** [op, id, status, statusText, headers, body, length]; length: known stream length or -1. */
  response: 1,
  /** [op, id, bytes] one chunk of the response body. */
  bodyChunk: 2,
  /** [op, id] the response body is complete. */
  bodyEnd: 3,
  /** [op, id, message] the body failed midway: the connection is destroyed. */
  bodyError: 4,
  /** [op, id, bytes: number] the Worker took that many bytes of the request body. */
  requestCredit: 5,
  /** [op, id] the Worker will read no more of the request body; the rest is discarded. */
  requestCancel: 6,
  /** [op, id, message, stack, name] the handler threw: 500, rendered by the front door. */
  failure: 7,
  /** [op, id] response sent and waitUntil settled; what a drain waits for. */
  finished: 8,
  /** [op, id, data: string | Uint8Array] */
  webSocketMessage: 16,
  /** [op, id, code, reason] 1005: closed without a code, 1006: the connection is to be cut. */
  webSocketClose: 17,
  /** [op, id, size: number] the Worker took messages of that size. */
  webSocketCredit: 18,
  /**
   * [op, id, headers, compresses] instead of a response: 101, what follows are WebSocket messages.
   * `compresses`: permessage-deflate, if the client offers it.
   */
  upgrade: 19,
  /** [op, id, answer: EventAnswer] the last that is said of an event. */
  eventDone: 32,
  /** [op, id] an event has arrived: from here on its handler may have done something. */
  eventBegun: 33,
} as const;

export type HttpMessage = readonly [op: number, id: number, ...rest: unknown[]];
export type HttpBatch = readonly HttpMessage[];

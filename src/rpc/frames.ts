/**
 * Opcodes and fields of frames. docs/protocol.md explains them; this is the only place with the
 * numbers. A frame is a flat array: opcode, session id, then fields. Session ids are positive when
 * the sender of the frame opened the session and negative when the receiver did.
 */

/** Bumped with every change that an older peer would misunderstand (sockets say it first). */
export const PROTOCOL_VERSION = 4;

export const Op = {
  /** sid, service | token, request, depth, invocations, kind, name | path, ...payload. Question 1. */
  open: 1,
  /** sid, qid, on, path, ...payload. */
  call: 2,
  /** sid, qid, on, path. */
  get: 3,
  /** sid, qid, flags, invocations, ...payload. */
  return: 4,
  /** sid, qid, flags, invocations, name, message, properties, ...payload. */
  throw: 5,
  /** sid, qid: the asker drops its handle for pipelining. */
  finish: 6,
  /** sid, export id: the importer dropped its last handle. */
  release: 7,
  /** sid: the opener has nothing left of the session. */
  end: 8,
  /** sid: the opener's invocation is over. */
  cancel: 9,
  /** sid, error | 0: the callee's invocation is over, or has only leaked stubs left. */
  revoke: 10,
  /** sid, pipe, bytes. */
  data: 20,
  /** sid, pipe, number of bytes. */
  credit: 21,
  /** sid, pipe: orderly end of the data. */
  endPipe: 22,
  /** sid, pipe, error | 0 | nothing: the sender broke off. */
  abortPipe: 23,
  /** sid, pipe, error | 0: the receiver is done with it (0 after endPipe: all was written). */
  cancelPipe: 24,
  /** sid, signal, ...payload. */
  abortSignal: 30,
} as const;

/** Kind of the question that travels with `open`. */
export const OpenKind = { call: 0, get: 1, event: 2 } as const;

/** Flags of `return` and `throw`. */
export const ReturnFlag = {
  /** The callee has dropped the session with this frame: nothing can follow in either direction. */
  final: 1,
  /** The callee has a disposer for the result: keep the question until the result is disposed. */
  hasDisposer: 2,
} as const;

/** Properties of a thrown error that do not travel as its value (spec/rpc.md 6). */
export const ErrorFlag = {
  retryable: 1,
  overloaded: 2,
  durableObjectReset: 4,
  remote: 8,
} as const;

/** First field of an entry of a payload's capability list. */
export const Cap = {
  /** export id of the sender. */
  stub: 0,
  /** service, entrypoint | 0 | 1 (its assets), durable object id | 0, name | 0, props payload. */
  service: 1,
  /** pipe id, expected length | -1. */
  readable: 2,
  /** pipe id. */
  writable: 3,
  /** signal id | 0, aborted, ...payload of the reason. */
  signal: 4,
} as const;

/** First field of an entry of a payload's list of operations. */
export const Fix = {
  /** container, key, index: container[key] = capability (>= 0) or made value (-1 is the first). */
  patch: 0,
  /** name, message: makes an error. */
  error: 1,
  /** index of the error, object with its own properties. */
  errorProps: 2,
  /** tag, [data]: makes an instance of a value type. */
  type: 3,
  /** name, message, stack: makes a DOMException. */
  domException: 4,
  /** Map, [[key, value], ...]. */
  fillMap: 5,
  /** Set, [value, ...]. */
  fillSet: 6,
} as const;

/** The two ends of a session and why it is over; no code. */

/** "loopback": both ends are in one context, for local stubs (session/loopback.ts). */
export type SessionRole = "caller" | "callee" | "loopback";

export type CloseReason =
  /** Nothing was left of it. */
  | { readonly type: "done" }
  /** The invocation of this end is over: nothing in it resumes, so nothing settles. */
  | { readonly type: "context-ended" }
  /** The opener's invocation is over. */
  | { readonly type: "canceled" }
  /** One end gave it up; `error` is what calls reject with, if it said. */
  | {
      readonly type: "revoked";
      readonly error: ((isRemote: boolean) => unknown) | undefined;
      /** It was this end. */
      readonly isOwn?: boolean;
    }
  /** The link has gone. */
  | { readonly type: "lost"; readonly error: () => unknown };

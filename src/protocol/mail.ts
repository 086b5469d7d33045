/**
 * Mail between the host, the storage thread that knows what a message is, and a Worker's `email()`
 * handler (spec/resources.md 11). Plain data only.
 */
import type { MessagePort } from "node:worker_threads";

/** Production's limit of a message, in bytes. */
export const MAX_MAIL_BYTES: number = 25 * 1024 * 1024;

/** A message that somebody posted to a Worker's address. */
export interface PostedMail {
  /** MAIL FROM of the envelope. */
  readonly from: string;
  /** RCPT TO of the envelope. */
  readonly to: string;
  readonly raw: Uint8Array;
}

/** What replies are held against. */
export interface MailOrigin {
  readonly from: string;
  readonly to: string;
  /** With its brackets. */
  readonly messageId: string;
  readonly references: string;
  readonly isReplyable: boolean;
}

/** A parsed message on its way to `email()`. */
export interface ReceivedMail extends PostedMail {
  /** Unfolded, in the order of the message, without `Bcc`; `raw` has none either. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly origin: MailOrigin;
}

/** Host -> storage thread: parse this, answer with one ParsedMail on `port`. */
export interface ParseMail {
  readonly type: "parse-mail";
  readonly port: MessagePort;
  readonly worker: string;
  readonly mail: PostedMail;
}

export type ParsedMail =
  | { readonly type: "received"; readonly mail: ReceivedMail }
  | { readonly type: "refused"; readonly status: number; readonly text: string };

/** Something to say about a message, as a log line of its Worker. */
export interface MailRemark {
  readonly type: "mail-remark";
  readonly worker: string;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}

/** What an `email()` handler did, in the words of the endpoint's JSON. */
export interface MailDecision {
  readonly rejectReason?: string;
  readonly forwards: readonly MailForward[];
  readonly replies: readonly MailReply[];
  readonly events: readonly MailStep[];
}

export interface MailForward {
  readonly recipient: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly messageId: string;
}

export interface MailReply {
  readonly messageId: string;
  readonly sender: string;
  /** The message as it was written, as text. */
  readonly raw: string;
}

export interface MailStep {
  readonly type: "received" | "forward" | "reply" | "reject" | "unhandled";
  /** ISO 8601. */
  readonly timestamp: string;
  readonly messageId?: string;
}

/** A reply that was accepted and written to a file. */
export interface WrittenReply extends MailReply {
  readonly path: string;
}

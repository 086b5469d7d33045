/**
 * `email(message, env, ctx)`: what the handler gets, and what it did with the message
 * (spec/resources.md 11.1). Nothing leaves the machine: forwards are said, replies are written to
 * files by the storage thread.
 */
import { logRuntime } from "../../isolate/log.ts";
import type { EmailEvent, EventAnswer } from "../../protocol/events.ts";
import type { MailForward, MailReply, MailStep, WrittenReply } from "../../protocol/mail.ts";
import { newMessageId } from "../../util/mail-id.ts";
import { Headers } from "../../web/http/headers.ts";
import { Response } from "../../web/http/response.ts";
import type { ResourceCaller } from "../bindings/resource.ts";
import type { OpenedEvent } from "./opened-event.ts";

const { now } = Date;

/** What has become of one message so far. */
class MailProgress {
  rejectReason: string | undefined;
  isUnhandled = false;
  readonly forwards: MailForward[] = [];
  readonly replies: MailReply[] = [];
  readonly steps: MailStep[] = [];

  constructor() {
    this.note("received");
  }

  note(type: MailStep["type"], messageId?: string): void {
    const timestamp = new Date(now()).toISOString();
    this.steps.push({ type, timestamp, ...(messageId !== undefined && { messageId }) });
  }

  read(): Partial<EventAnswer> {
    const { rejectReason, forwards, replies, steps: events } = this;
    return {
      ...(this.isUnhandled && { outcome: "exception" }),
      mail: { ...(rejectReason !== undefined && { rejectReason }), forwards, replies, events },
    };
  }
}

export function openEmail(event: EmailEvent, call: ResourceCaller): OpenedEvent {
  const progress = new MailProgress();
  return {
    handler: "email",
    argument: createMessage(event, progress, call),
    missing: "",
    missingError: "",
    onMissing: () => {
      progress.isUnhandled = true;
      progress.steps.length = 0;
      progress.note("unhandled");
    },
    result: () => progress.read(),
  };
}

/** A plain object, as under wrangler. */
function createMessage(
  { mail }: EmailEvent,
  progress: MailProgress,
  call: ResourceCaller,
): Record<string, unknown> {
  const { from, to, raw, headers, origin } = mail;
  return {
    from,
    to,
    raw: new Response(raw).body,
    rawSize: raw.byteLength,
    headers: new Headers(headers.map(([name, value]) => [name, value])),
    canBeForwarded: true,
    setReject: (reason: unknown): void => {
      progress.rejectReason = String(reason);
      progress.note("reject");
      logRuntime(
        "error",
        `Email handler rejected message with the following reason: "${progress.rejectReason}"`,
      );
    },
    forward: async (recipient: unknown, added?: unknown): Promise<object> => {
      const extra = added === undefined ? [] : [...new Headers(added as Headers)];
      const messageId = newMessageId(String(recipient));
      const forward = { recipient: String(recipient), headers: extra, messageId };
      progress.forwards.push(forward);
      progress.note("forward", messageId);
      const lines = [
        "Email handler forwarded message with",
        `  rcptTo: ${forward.recipient}`,
        ...(extra.length === 0 ? [] : ["  headers:"]),
        ...extra.map(([name, value]) => `    ${name}: ${value}`),
      ];
      logRuntime("info", lines.join("\n"));
      return { messageId };
    },
    reply: async (message: unknown): Promise<object> => {
      const { path, ...reply } = await call<WrittenReply>("reply", origin, message);
      progress.replies.push(reply);
      progress.note("reply", reply.messageId);
      logRuntime("info", `Email handler replied to sender with the following message:\n  ${path}`);
      return { messageId: reply.messageId };
    },
  };
}

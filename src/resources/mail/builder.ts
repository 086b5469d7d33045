/**
 * The builder form of messages (spec/resources.md 11.2): its members, and the raw message that a reply
 * in that form becomes. Storage thread; used by its neighbours.
 */
import { randomUUID } from "node:crypto";
import type { MailOrigin } from "../../protocol/mail.ts";
import { formatAddress, formatAddresses, type MailAddress } from "./addresses.ts";

export interface MailAttachment {
  readonly filename: string;
  readonly type: string;
  /** Base64, or bytes. */
  readonly content: unknown;
  readonly disposition?: string;
  readonly contentId?: string;
}

/** Nothing is checked: members may be anything. */
export interface MailBuilder {
  readonly from: MailAddress;
  readonly to: MailAddress | readonly MailAddress[];
  readonly cc?: MailAddress | readonly MailAddress[];
  readonly bcc?: MailAddress | readonly MailAddress[];
  readonly replyTo?: MailAddress;
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly MailAttachment[];
}

interface Part {
  readonly headers: readonly string[];
  readonly body: string;
}

/** The bytes of an attachment; of text it is as given. */
export function contentOf({ content }: MailAttachment): Buffer {
  if (content instanceof Uint8Array) return Buffer.from(content);
  if (content instanceof ArrayBuffer) return Buffer.from(new Uint8Array(content));
  return Buffer.from(String(content));
}

/** A reply to `origin`; its recipient is whoever wrote that, whatever `to` says. */
export function composeReply(
  builder: MailBuilder,
  origin: MailOrigin,
  messageId: string,
  date: Date,
): Buffer {
  const { from, replyTo, subject, headers = {} } = builder;
  const { headers: content, body } = contentPart(builder);
  const lines = [
    `From: ${formatAddress(from)}`,
    `To: ${origin.from}`,
    ...(replyTo === undefined ? [] : [`Reply-To: ${formatAddresses(replyTo)}`]),
    `Subject: ${subject}`,
    `Message-ID: ${messageId}`,
    `Date: ${date.toUTCString()}`,
    "MIME-Version: 1.0",
    `In-Reply-To: ${origin.messageId}`,
    `References: ${referencesAfter(origin)}`,
    ...Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}: ${value}`),
    ...content,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** `References` of a reply. */
export function referencesAfter({ references, messageId }: MailOrigin): string {
  return references === "" ? messageId : `${references} ${messageId}`;
}

function contentPart({ text, html, attachments = [] }: MailBuilder): Part {
  const texts: Part[] = [
    ...(text === undefined ? [] : [textPart("plain", text)]),
    ...(html === undefined ? [] : [textPart("html", html)]),
  ];
  const [only = textPart("plain", "")] = texts;
  const message = texts.length > 1 ? multipart("alternative", "Part", texts) : only;
  if (attachments.length === 0) return message;
  return multipart("mixed", "Mixed", [message, ...attachments.map(attachmentPart)]);
}

function textPart(type: string, body: string): Part {
  return { headers: [`Content-Type: text/${type}; charset=utf-8`], body };
}

function attachmentPart(attachment: MailAttachment): Part {
  const { filename, type, content, disposition = "attachment", contentId } = attachment;
  return {
    headers: [
      `Content-Type: ${type}; name="${filename}"`,
      `Content-Disposition: ${disposition}; filename="${filename}"`,
      "Content-Transfer-Encoding: base64",
      ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
    ],
    body: typeof content === "string" ? content : contentOf(attachment).toString("base64"),
  };
}

function multipart(type: string, label: string, parts: readonly Part[]): Part {
  const boundary = `----=_${label}_${randomUUID()}`;
  const inner = parts.map(
    ({ headers, body }) => `--${boundary}\r\n${headers.join("\r\n")}\r\n\r\n${body}\r\n`,
  );
  return {
    headers: [`Content-Type: multipart/${type}; boundary="${boundary}"`],
    body: `${inner.join("")}--${boundary}--\r\n`,
  };
}

/**
 * A `send_email` binding in the storage thread (spec/resources.md 11.2): the binding is a stub of this
 * object. Messages are held against its rules and written to files; nothing is sent.
 */
import { extname } from "node:path";
import type { MailRemark } from "../../protocol/mail.ts";
import type { SendEmailRules } from "../../protocol/worker-spec.ts";
import { newMessageId } from "../../util/mail-id.ts";
import { addressList, emailOf, formatAddress, formatAddresses } from "./addresses.ts";
import { contentOf, type MailBuilder } from "./builder.ts";
import type { MailFiles } from "./mail-files.ts";
import { headerValues, parseMail } from "./parse.ts";
import { readRaw, withHeader } from "./raw-message.ts";
import { errorText } from "./texts.ts";

/** Where an EmailMessage has its content (runtime/bindings/small/email-message.ts). */
export interface RawMail {
  readonly from: string;
  readonly to: string;
  readonly "EmailMessage::raw": unknown;
}

export interface SendEmailSurroundings {
  readonly files: MailFiles;
  readonly tell: (remark: MailRemark) => void;
}

export class SendEmail {
  readonly #rules: SendEmailRules;
  readonly #around: SendEmailSurroundings;

  /** `id`: JSON of SendEmailRules (config/send-email.ts). */
  constructor(id: string, around: SendEmailSurroundings) {
    this.#rules = JSON.parse(id) as SendEmailRules;
    this.#around = around;
  }

  /** @throws Error in wrangler's words, for what production would refuse */
  async send(message: RawMail | MailBuilder): Promise<{ readonly messageId: string }> {
    // What is no object fails as it does there: by the language's own error.
    const messageId =
      "EmailMessage::raw" in message ? await this.#sendRaw(message) : await this.#build(message);
    return { messageId };
  }

  async #sendRaw(message: RawMail): Promise<string> {
    const { from, to } = message;
    this.#checkSender(from);
    this.#checkRecipient(to);
    const raw = await readRaw(message["EmailMessage::raw"]);
    const parsed = await parseMail(raw).catch((error: unknown) => {
      throw new Error(`could not parse email: ${errorText(error)}`);
    });
    if (parsed.messageId === undefined) throw new Error("invalid message-id");
    if (headerValues(parsed, "received").length > 0) throw new Error("invalid headers set");
    if (parsed.from?.address !== from) throw new Error("From: header does not match mail from");
    const messageId = newMessageId(from);
    const written = withHeader(raw, "Message-ID", messageId);
    const path = await this.#around.files.write("email", messageId, ".eml", written);
    this.#tell(`send_email binding called with the following message:\nEmail: ${path}`);
    return messageId;
  }

  async #build(builder: MailBuilder): Promise<string> {
    const { from, to, cc, bcc, subject, text, html, attachments = [] } = builder;
    const sender = emailOf(from);
    this.#checkSender(sender);
    const recipients = addressList(to).map(emailOf);
    for (const recipient of recipients) this.#checkRecipient(recipient);
    const messageId = newMessageId(sender);
    const { files } = this.#around;
    const places: string[] = [];
    if (text !== undefined) {
      places.push(`Text: ${await files.write("email-text", messageId, ".txt", text)}`);
    }
    if (html !== undefined) {
      places.push(`HTML: ${await files.write("email-html", messageId, ".html", html)}`);
    }
    for (const [index, attachment] of attachments.entries()) {
      const { filename, disposition = "attachment" } = attachment;
      const suffix = `-${index + 1}${extname(filename)}`;
      const content = contentOf(attachment);
      const path = await files.write("email-attachment", messageId, suffix, content);
      places.push(`Attachment (${disposition}): ${filename} -> ${path}`);
    }
    const lines = [
      "send_email binding called with MessageBuilder:",
      `From: ${formatAddress(from)}`,
      `To: ${formatAddresses(to)}`,
      ...(cc === undefined ? [] : [`Cc: ${formatAddresses(cc)}`]),
      ...(bcc === undefined ? [] : [`Bcc: ${formatAddresses(bcc)}`]),
      `Subject: ${subject}`,
      ...(places.length === 0 ? [] : ["", ...places]),
    ];
    this.#tell(lines.join("\n"));
    return messageId;
  }

  #checkSender(address: string): void {
    const { senders } = this.#rules;
    if (senders === undefined || senders.includes(address)) return;
    throw new Error(`email from ${address} not allowed`);
  }

  #checkRecipient(address: string): void {
    const { recipients } = this.#rules;
    if (recipients === undefined || recipients.includes(address)) return;
    throw new Error(`email to ${address} not allowed`);
  }

  #tell(text: string): void {
    this.#around.tell({ type: "mail-remark", worker: this.#rules.worker, level: "info", text });
  }
}

/**
 * `reply()` of a message that an `email()` handler got (spec/resources.md 11.1): the reply is held
 * against the rules and written to a file. One per storage thread; called by the Worker's thread.
 */
import type { MailOrigin, WrittenReply } from "../../protocol/mail.ts";
import { newMessageId } from "../../util/mail-id.ts";
import { emailOf, formatAddress } from "./addresses.ts";
import { composeReply, type MailBuilder, referencesAfter } from "./builder.ts";
import type { MailFiles } from "./mail-files.ts";
import { headerValues, parseMail, unfolded } from "./parse.ts";
import { readRaw, withHeader } from "./raw-message.ts";
import type { RawMail } from "./send-email.ts";

export class MailReplies {
  readonly #files: MailFiles;

  constructor(files: MailFiles) {
    this.#files = files;
  }

  /** @throws Error in wrangler's words, for what production would refuse */
  async reply(origin: MailOrigin, message: RawMail | MailBuilder): Promise<WrittenReply> {
    // What is no object fails as it does there: by the language's own error.
    const isRaw = "EmailMessage::raw" in message;
    if (!origin.isReplyable) throw new Error("Original email is not replyable");
    const sender = emailOf(message.from);
    const messageId = newMessageId(sender);
    const raw = isRaw
      ? await checkedReply(message, origin, messageId)
      : composeReply(message, origin, messageId, new Date());
    const path = await this.#files.write("reply", messageId, ".eml", raw);
    return { messageId, sender: formatAddress(message.from), raw: raw.toString(), path };
  }

  close(): void {}
}

async function checkedReply(
  message: RawMail,
  origin: MailOrigin,
  messageId: string,
): Promise<Buffer> {
  const raw = await readRaw(message["EmailMessage::raw"]);
  const parsed = await parseMail(raw);
  if (parsed.from?.address !== message.from) {
    throw new Error("From: header does not match mail from");
  }
  if (headerValues(parsed, "received").length > 0) throw new Error("invalid headers set");
  const { inReplyTo, references } = parsed;
  if (inReplyTo === undefined) throw new Error("no In-Reply-To header found in reply message");
  if (inReplyTo !== origin.messageId) {
    throw new Error("In-Reply-To does not match original Message-ID");
  }
  let answer = raw;
  if (references === undefined) {
    answer = withHeader(answer, "References", referencesAfter(origin));
  } else if (!isContinued(unfolded(references), origin)) {
    throw new Error("provided References header is invalid");
  }
  return withHeader(answer, "Message-ID", messageId);
}

/** All that the original refers to, and the original itself. */
function isContinued(references: string, origin: MailOrigin): boolean {
  const named = new Set(references.split(" "));
  return referencesAfter(origin)
    .split(" ")
    .every((id) => named.has(id));
}

/**
 * A message that was posted for an `email()` handler (spec/resources.md 11.1): parsed, held against its
 * envelope, without what a recipient does not see. Storage thread; called by storage-thread.ts.
 */
import type { Email } from "postal-mime";
import type { MailRemark, ParsedMail, PostedMail } from "../../protocol/mail.ts";
import { headerValues, parseMail, unfolded } from "./parse.ts";
import { withoutHeader } from "./raw-message.ts";
import { errorText } from "./texts.ts";

/** More, and production answers no more. */
const MAX_REFERENCES = 100;

type Tell = (level: MailRemark["level"], text: string) => void;

/** Never rejects. */
export async function receiveMail(posted: PostedMail, tell: Tell): Promise<ParsedMail> {
  const raw = Buffer.from(posted.raw);
  let parsed: Email;
  try {
    parsed = await parseMail(raw);
  } catch (error) {
    const name = error instanceof Error ? error.name : "Error";
    return refused(`Email could not be parsed: ${name}: ${errorText(error)}`);
  }
  const { messageId, references = "" } = parsed;
  if (messageId === undefined) {
    return refused("Email could not be parsed: invalid or no message id provided");
  }
  const { from, to } = posted;
  compareEnvelope(parsed, posted, tell);
  return {
    type: "received",
    mail: {
      from,
      to,
      raw: withoutHeader(raw, "Bcc"),
      headers: parsed.headers
        .filter(({ key }) => key !== "bcc")
        .map(({ originalKey, value }) => [originalKey, unfolded(value)] as const),
      origin: {
        from,
        to,
        messageId,
        references: unfolded(references),
        isReplyable: isReplyable(parsed, tell),
      },
    },
  };
}

function compareEnvelope(parsed: Email, { from, to }: PostedMail, tell: Tell): void {
  const sender = parsed.from?.address;
  if (sender !== from) {
    tell(
      "warn",
      `Provided MAIL FROM address doesn't match the email message's "From" header:\n  MAIL FROM: ${from}\n  "From" header: ${sender ?? ""}`,
    );
  }
  const recipients = (parsed.to ?? []).flatMap((one) => one.group ?? [one]);
  const addresses = recipients.map(({ address }) => address);
  if (!addresses.includes(to)) {
    tell(
      "warn",
      `Provided RCPT TO address doesn't match any "To" header in the email message:\n  RCPT TO: ${to}\n  "To" header: ${addresses.join(", ")}`,
    );
  }
}

/** Answers to machines make loops. */
function isReplyable(parsed: Email, tell: Tell): boolean {
  const [submitted = "no"] = headerValues(parsed, "auto-submitted");
  const [suppress = "none"] = headerValues(parsed, "x-auto-response-suppress");
  if (submitted.toLowerCase() !== "no" || suppress.toLowerCase() !== "none") return false;
  const { inReplyTo, references } = parsed;
  if ((inReplyTo === undefined) !== (references === undefined)) return false;
  const count = references === undefined ? 0 : unfolded(references).split(" ").length;
  if (count < MAX_REFERENCES) return true;
  tell(
    "error",
    'The incoming email\'s "References" header has more than 100 entries. As such, your Worker cannot respond to this email. Refer to https://developers.cloudflare.com/email-routing/email-workers/reply-email-workers/',
  );
  return false;
}

function refused(text: string): ParsedMail {
  return { type: "refused", status: 400, text };
}

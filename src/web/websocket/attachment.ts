/** What Workers attach to WebSockets (spec/platform.md 11.1), as bytes. Used by websocket.ts. */
import type { AttachmentCodec } from "./hibernation.ts";

/** Bytes. */
const MAX_ATTACHMENT = 16_384;

let attachments: AttachmentCodec | undefined;

/** Set when the Worker is loaded. */
export function setAttachmentCodec(codec: AttachmentCodec): void {
  attachments = codec;
}

/** Of the arguments of `serializeAttachment`. Throws production's texts: none, or too large. */
export function serializedAttachment(args: readonly unknown[]): Uint8Array | undefined {
  if (args.length === 0) {
    throw new TypeError(
      "Failed to execute 'serializeAttachment' on 'WebSocket': parameter 1 is not of type 'Value'.",
    );
  }
  const bytes = attachments?.serialize(args[0]);
  if (bytes !== undefined && bytes.byteLength > MAX_ATTACHMENT) {
    throw new Error(
      `A WebSocket 'attachment' cannot be larger than ${MAX_ATTACHMENT} bytes.'attachment' was ${bytes.byteLength} bytes.`,
    );
  }
  return bytes;
}

/** null: none was attached. */
export function attachmentOf(bytes: Uint8Array | undefined): unknown {
  return bytes === undefined ? null : attachments?.deserialize(bytes);
}

/**
 * Where messages are written (spec/resources.md 11.2): files of this session, which removes their
 * folder when it ends. Made with the first message of a storage thread.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../util/folders.ts";

export type MailFileKind = "email" | "email-text" | "email-html" | "email-attachment" | "reply";

export class MailFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Gives the path. `messageId` with its brackets; `suffix`: what follows it in the name. */
  async write(
    kind: MailFileKind,
    messageId: string,
    suffix: string,
    content: string | Uint8Array,
  ): Promise<string> {
    const folder = join(this.#folder, kind);
    makeFolder(folder);
    // A domain is whatever a Worker says: it names no folder.
    const name = messageId.slice(1, -1).replaceAll(/[\\/\0]/g, "_");
    const path = join(folder, `${name}${suffix}`);
    await writeFile(path, content);
    return path;
  }
}

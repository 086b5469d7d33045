/**
 * Where this session's mail is written: beside the primary's config, as wrangler's, and gone with the
 * session (spec/resources.md 11.2). Files are made by the storage thread; the session removes them, as
 * it outlives the host. Owned by DevSession.
 */
import { randomBytes } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

export class MailFolder {
  readonly #name: string = `drover-${randomBytes(16).toString("hex")}`;
  #path: string | undefined;

  /** `configFolder`: of the primary. */
  pathIn(configFolder: string): string {
    this.#path = join(configFolder, ".wrangler", "tmp", "email", this.#name);
    return this.#path;
  }

  /** After the host has ended. Never rejects: what cannot be removed stays. */
  async remove(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      await rm(this.#path, { recursive: true });
      // Empty, if no other session mails.
      await rmdir(dirname(this.#path));
    } catch {
      // Nothing was mailed, or others have files there.
    }
  }
}

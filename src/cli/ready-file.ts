/**
 * `--ready-file`: for scripts that start a session in the background and wait for it. The file
 * appears whole when the first Worker answers, and is gone when the session is.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { ReadyInfo } from "../session/events.ts";
import { messageOf, UserError } from "../util/errors.ts";

export class ReadyFile implements Disposable {
  readonly #path: string | undefined;

  /** @throws UserError FILE_NOT_WRITABLE: before anything is started, not when everything is */
  constructor(path: string | undefined) {
    this.#path = path;
    // One of a session that was killed would be believed.
    if (path !== undefined) attempt(path, () => rmSync(path, { force: true }));
  }

  write({ url, port, workers }: ReadyInfo): void {
    const path = this.#path;
    if (path === undefined) return;
    const text = `${JSON.stringify({ url, port, pid: process.pid, workers }, null, 2)}\n`;
    attempt(path, () => {
      writeFileSync(`${path}.tmp`, text);
      renameSync(`${path}.tmp`, path);
    });
  }

  [Symbol.dispose](): void {
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}

function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new UserError(
      "FILE_NOT_WRITABLE",
      `Could not write ${basename(path)}: ${messageOf(error)}`,
    );
  }
}

/**
 * Keeps the generated types of a session's Workers fresh (`drover dev --types`, `dev.generate_types`),
 * or says that they are not. Runs in the session process after something was loaded, one look at a
 * time, so that no reload waits for it; its code is imported when there is a file to look at.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SessionEvent } from "../../session/events.ts";
import type { WorkerView } from "../../session/status.ts";
import { messageOf } from "../../util/errors.ts";

export interface TypeFilesOptions {
  readonly workers: () => readonly WorkerView[];
  /** `--types`; false: only the files of configs with `dev.generate_types` are written. */
  readonly write: boolean;
  readonly cwd: string;
  readonly print: (text: string) => void;
}

/** What wrangler calls it by default; no other name is looked for. */
const FILE = "worker-configuration.d.ts";

export class TypeFiles {
  readonly #options: TypeFilesOptions;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: TypeFilesOptions) {
    this.#options = options;
  }

  onEvent(event: SessionEvent): void {
    const isChange =
      event.type === "config-reloaded" || (event.type === "loaded" && event.cause === "change");
    if (isChange || event.type === "settled") this.#look();
  }

  #look(): void {
    this.#again = this.#running !== undefined;
    this.#running ??= this.#lookAtAll().finally(() => {
      this.#running = undefined;
      if (this.#again) this.#look();
    });
  }

  async #lookAtAll(): Promise<void> {
    const workers = this.#options.workers();
    for (const worker of workers) {
      const { configPath, userRoot, dev } = worker.config;
      const output = join(userRoot, FILE);
      // A config that a build tool generated is not the one that `drover types` reads.
      if (configPath === undefined || dirname(configPath) !== userRoot) continue;
      if (!existsSync(output)) continue;
      const { cwd, print, write } = this.#options;
      try {
        const { refreshTypes } = await import("./refresh.ts");
        const isWanted = write || dev.generateTypes;
        const text = await refreshTypes({ configPath, output, workers, cwd, write: isWanted });
        if (text !== undefined) print(text);
      } catch (error) {
        print(`❓ The types of ${worker.name} could not be checked: ${messageOf(error)}`);
      }
    }
  }
}

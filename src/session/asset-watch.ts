/**
 * Watches the folders of one Worker's static assets, each by a native watch: their names are known
 * from reading them, and a watch of the whole would read everything once more (2 s for 20,000
 * files). Session process; owned by assets.ts.
 */
import { createBatcher } from "../bundle/change-batch.ts";
import { type FolderWatch, watchFolder } from "../bundle/folder-watch.ts";

export class AssetWatch {
  readonly #batch: ReturnType<typeof createBatcher>;
  readonly #folders: Map<string, FolderWatch> = new Map();

  /** `onChange` once per burst. */
  constructor(onChange: () => void) {
    this.#batch = createBatcher(() => onChange());
  }

  /** Exactly these from now on, absolute. */
  update(folders: readonly string[]): void {
    const wanted = new Set(folders);
    for (const [folder, watch] of this.#folders) {
      if (wanted.has(folder)) continue;
      watch.close();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#folders.has(folder)) continue;
      const watch = watchFolder(folder, {
        onEvent: () => this.#batch.add(folder),
        onGone: () => {
          this.#folders.delete(folder);
          this.#batch.add(folder);
        },
      });
      this.#folders.set(folder, watch);
    }
  }

  close(): void {
    this.#batch.cancel();
    this.update([]);
  }
}

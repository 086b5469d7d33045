/**
 * Collects changed files into one call. A single save goes out after a few quiet milliseconds; the
 * more files, the longer the silence it waits for: a checkout or an install pauses between files.
 */

export interface Batcher {
  add(file: string): void;
  /** Drops what was collected; nothing is called any more until the next add(). */
  cancel(): void;
}

interface Patience {
  /** Milliseconds without a change after which the batch goes out. */
  readonly quietMs: number;
  /** Milliseconds after the first change at which it goes out in any case. */
  readonly limitMs: number;
}

const FEW_FILES = 3;
const SAVE: Patience = { quietMs: 5, limitMs: 50 };
const CHECKOUT: Patience = { quietMs: 40, limitMs: 2000 };

export function createBatcher(onBatch: (files: ReadonlySet<string>) => void): Batcher {
  let files = new Set<string>();
  let firstAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    const batch = files;
    files = new Set();
    onBatch(batch);
  };
  return {
    add(file) {
      const now = performance.now();
      if (files.size === 0) firstAt = now;
      files.add(file);
      const { quietMs, limitMs } = files.size > FEW_FILES ? CHECKOUT : SAVE;
      clearTimeout(timer);
      timer = setTimeout(flush, Math.max(0, Math.min(quietMs, firstAt + limitMs - now)));
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
      files = new Set();
    },
  };
}

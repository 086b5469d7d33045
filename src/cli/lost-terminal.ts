/**
 * A terminal that is gone: its window was closed, its connection is down. Node gives a terminal back as it was
 * when the process exits, and where that fails it aborts, with a core dump. In the process of a command,
 * used by start.ts and lifetime.ts.
 */
import { closeSync, fstatSync } from "node:fs";

const STANDARD_STREAMS = [0, 1, 2];

/** Has the process exit as it would with a terminal: what is no terminal any more is closed before. */
export function expectNoTerminal(): void {
  process.once("exit", () => {
    // Loaded here: most processes lose no terminal.
    const { isatty } = process.getBuiltinModule("node:tty");
    for (const fd of STANDARD_STREAMS) {
      try {
        if (fstatSync(fd).isCharacterDevice() && !isatty(fd)) closeSync(fd);
      } catch {
        // Closed already.
      }
    }
  });
}

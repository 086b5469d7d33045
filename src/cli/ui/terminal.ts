/**
 * The only place that writes to stdout and stderr. Whole lines are queued and written once per
 * event-loop turn, so that lines of different Workers never interleave, and in the order in which
 * they came, also across the two streams.
 */
import { stripVTControlCharacters } from "node:util";
import { hasCode } from "../../util/errors.ts";

export type StreamName = "stdout" | "stderr";

export interface TerminalOutput {
  write(text: string): unknown;
}

export interface Terminal {
  /** Columns; Infinity when the output is no terminal: nothing is wrapped for a file or a pipe. */
  readonly width: number;
  /** The same of stderr. */
  readonly errorWidth: number;
  readonly isInteractive: boolean;
  /** One or more lines without the last newline. */
  print(text: string, stream?: StreamName): void;
  /** Writes everything now; before the process ends and before anything else writes. */
  flush(): void;
  /** Clears the screen; does nothing when the output is no terminal. */
  clear(): void;
}

interface Columns {
  readonly columns?: number;
  readonly isTTY?: boolean;
}

export interface TerminalOptions {
  readonly stdout: TerminalOutput & Columns;
  readonly stderr: TerminalOutput & Columns;
  readonly stdinIsTTY: boolean;
}

export function createTerminal({ stdout, stderr, stdinIsTTY }: TerminalOptions): Terminal {
  let queue: { stream: StreamName; text: string }[] = [];
  let scheduled = false;

  const flush = (): void => {
    scheduled = false;
    const lines = queue;
    queue = [];
    let text = "";
    for (const [index, line] of lines.entries()) {
      text += `${line.text}\n`;
      if (lines[index + 1]?.stream === line.stream) continue;
      (line.stream === "stdout" ? stdout : stderr).write(text);
      text = "";
    }
  };

  return {
    get width() {
      return widthOf(stdout);
    },
    get errorWidth() {
      return widthOf(stderr);
    },
    isInteractive: stdout.isTTY === true && stdinIsTTY,
    print(text, stream = "stdout") {
      queue.push({ stream, text });
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
    flush,
    clear() {
      flush();
      if (stdout.isTTY) stdout.write("\x1b[2J\x1b[3J\x1b[H");
    },
  };
}

function widthOf({ isTTY, columns }: Columns): number {
  return isTTY ? (columns ?? 80) : Number.POSITIVE_INFINITY;
}

/**
 * A value's bytes to stdout as they are. For commands that print nothing else. Resolves false when nobody reads
 * them any more (`| head`), which is no failure.
 */
export function writeRaw(bytes: Uint8Array): Promise<boolean> {
  // Once: the event comes a turn after the callback, which hears of it too.
  if (!process.stdout.listeners("error").includes(ignoreError)) {
    process.stdout.on("error", ignoreError);
  }
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (!error) resolve(true);
      else if (hasCode(error, "EPIPE")) resolve(false);
      else reject(error);
    });
  });
}

function ignoreError(): void {}

/** Cells that a text takes in the terminal, colours not counted. */
export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Colours: FORCE_COLOR and NO_COLOR decide, else whether stdout is a terminal that has them. */
export function wantsColors(
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (env.NO_COLOR || env.NODE_DISABLE_COLORS) return false;
  return isTTY && env.TERM !== "dumb";
}

/**
 * Collects what is wrong with one config while it is checked; all errors are thrown together, each
 * with its place in the file (spec/wrangler.md 2.4).
 */
import type { ConfigDocument, ConfigPath } from "./document.ts";
import { type ConfigErrorCode, createConfigError } from "./errors.ts";
import { displayPath, renderFrame, renderProblem } from "./source-frame.ts";
import type { ConfigWarning, SourcePosition } from "./types.ts";

export class Diagnostics {
  readonly #document: ConfigDocument | undefined;
  readonly #cwd: string;
  readonly #title: string;
  readonly #warnings: ConfigWarning[] = [];
  readonly #errors: { code: ConfigErrorCode; text: string }[] = [];

  /**
   * @param document undefined when a bare script runs without a config, or with one that is no file
   * @param title what is processed then
   */
  constructor(document: ConfigDocument | undefined, cwd: string, title = "the command line") {
    this.#document = document;
    this.#cwd = cwd;
    this.#title = title;
  }

  get warnings(): readonly ConfigWarning[] {
    return this.#warnings;
  }

  /** Where `path` stands, or the nearest enclosing table of it that is in the file. */
  positionOf(path: ConfigPath, part: "key" | "value" = "key"): SourcePosition | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const exact = length === path.length;
      const found = this.#document?.positionOf(path.slice(0, length), exact ? part : "key");
      if (found !== undefined) return found;
    }
    return undefined;
  }

  warn(message: string, path: ConfigPath = [], part: "key" | "value" = "key"): void {
    const position = this.positionOf(path, part);
    const text = this.#document?.text;
    this.#warnings.push(
      position === undefined || text === undefined
        ? { message, position }
        : { message, position, frame: renderFrame(position, text) },
    );
  }

  error(
    message: string,
    path: ConfigPath = [],
    part: "key" | "value" = "key",
    code: ConfigErrorCode = "CONFIG_INVALID",
  ): void {
    const position = this.positionOf(path, part) ?? this.#startOfFile();
    this.#errors.push({ code, text: this.#render(message, position) });
  }

  /** @throws UserError with everything reported so far: a mistyped key may be the cause of an error */
  throwIfFailed(): void {
    const first = this.#errors[0];
    if (first === undefined) return;
    const remarks = this.#warnings.map(
      ({ message, position }) => `Warning: ${this.#render(message, position)}`,
    );
    const list = [...this.#errors.map(({ text }) => text), ...remarks]
      .map((text) => `  - ${text.replaceAll("\n", "\n    ")}`)
      .join("\n");
    const file = this.#document?.file;
    const heading =
      file === undefined
        ? `Processing ${this.#title}:`
        : `Processing ${displayPath(file, this.#cwd)} configuration:`;
    throw createConfigError(first.code, `${heading}\n${list}`);
  }

  #render(message: string, position: SourcePosition | undefined): string {
    const document = this.#document;
    return position === undefined || document === undefined
      ? message
      : renderProblem(message, position, document.text, this.#cwd);
  }

  #startOfFile(): SourcePosition | undefined {
    return this.#document && { file: this.#document.file, line: 1, column: 1 };
  }
}

/*
 * What one build of one Worker ends in, and the text of a failure. Types are read by session/.
 */
import { isBuiltin } from "node:module";
import { relative, resolve } from "node:path";
import type { Message, PartialMessage, PartialNote } from "esbuild";
import type { Bundle } from "../protocol/bundle.ts";
import { loadEsbuild } from "./esbuild-service.ts";
import { missingModuleAdvice, type NodeCompatMode } from "./node/mode.ts";

export interface BuildSuccess {
  readonly ok: true;
  readonly bundle: Bundle;
  /** Plain text, esbuild's frames included. */
  readonly warnings: readonly string[];
  /** Names that the entry exports, as far as a static look tells; undefined with `no_bundle`. */
  readonly exports: readonly string[] | undefined;
  readonly ms: number;
  /** Epoch milliseconds: files changed since are not in this bundle. For `Watcher.update`. */
  readonly startedAt: number;
}

export interface BuildFailure {
  readonly ok: false;
  /** "Build failed with N error(s):" and esbuild's frames, without ANSI codes. */
  readonly text: string;
  /** The same for a terminal. */
  readonly coloredText: string;
  /** The same for programs. */
  readonly problems: readonly BuildProblem[];
  readonly ms: number;
  readonly startedAt: number;
}

export interface BuildProblem {
  /** Without the place; may be several lines. */
  readonly message: string;
  /** As it is shown: from the working directory, if it is below it. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** That line of the file. */
  readonly source?: string;
  /** What could be done about it, and what it has to do with. */
  readonly notes?: readonly string[];
}

export type BuildResult = BuildSuccess | BuildFailure;

/** The texts of a failure. */
export type FailureText = Pick<BuildFailure, "text" | "coloredText" | "problems">;

/** For failures that are not esbuild's. */
export function plainFailure(message: string): FailureText {
  const text = `Build failed with 1 error:\n${message}`;
  return { text, coloredText: text, problems: [{ message }] };
}

/** @param root what the messages' files are relative to; shown relative to the working directory */
export async function describeFailure(
  errors: readonly Message[],
  root: string,
  mode: NodeCompatMode,
): Promise<FailureText> {
  const esbuild = await loadEsbuild();
  const messages = errors.map((error) => relocate(withAdvice(error, mode), root));
  const format = async (color: boolean) => {
    const frames = await esbuild.formatMessages(messages, { kind: "error", color });
    const count = `${errors.length} error${errors.length === 1 ? "" : "s"}`;
    return `Build failed with ${count}:\n${frames.join("").trimEnd()}`;
  };
  const [text, coloredText] = await Promise.all([format(false), format(true)]);
  return { text, coloredText, problems: messages.map(problemOf) };
}

function problemOf({ text = "", location, notes = [] }: PartialMessage): BuildProblem {
  const { file, line, column, lineText } = location ?? {};
  const said = notes.flatMap((note) => (note.text ? [note.text] : []));
  return {
    message: text,
    ...(file === undefined ? {} : { file }),
    // esbuild counts columns from 0, and bytes; a line has seldom more of them than characters.
    ...(line === undefined || column === undefined ? {} : { line, column: column + 1 }),
    ...(lineText === undefined ? {} : { source: lineText }),
    ...(said.length === 0 ? {} : { notes: said }),
  };
}

export async function describeWarnings(
  warnings: readonly Message[],
  root: string,
): Promise<string[]> {
  if (warnings.length === 0) return [];
  const esbuild = await loadEsbuild();
  const messages = warnings.map((warning) => relocate(warning, root));
  const frames = await esbuild.formatMessages(messages, { kind: "warning", color: false });
  return frames.map((frame) => frame.trimEnd());
}

/** esbuild's notes speak of esbuild's options; a user of drover has a wrangler config. */
function withAdvice(error: Message, mode: NodeCompatMode): PartialMessage {
  // Only the entry is asked for by no file.
  const entry = error.location === null && /^Could not resolve "(.*)"$/.exec(error.text)?.[1];
  if (typeof entry === "string") {
    const text = `The entry-point file at "${shownPath(entry)}" was not found.`;
    const advice = 'Put it back, or change the "main" field of the configuration.';
    return { text, notes: [{ text: advice }] };
  }
  if (/^Could not resolve "/.test(error.text)) {
    const specifier = /^Could not resolve "(.*)"/.exec(error.text)?.[1] ?? "";
    if (isBuiltin(specifier)) return { ...error, notes: nodeAdvice(specifier, mode) };
    const notes = error.notes.map((note) =>
      /mark .* as external|built into node/.test(note.text)
        ? {
            text: 'To fix this, install the package, or add an entry to "alias" in your Wrangler configuration. For more guidance see: https://developers.cloudflare.com/workers/wrangler/configuration/#module-aliasing',
          }
        : note,
    );
    return { ...error, notes };
  }
  const extension = /^No loader is configured for "(\.[^"]+)" files/.exec(error.text)?.[1];
  if (extension !== undefined) {
    const rule = `{ type = "Data", globs = ["**/*${extension}"] }`;
    const text = `To import it as bytes, add ${rule} to "rules" in your Wrangler configuration; type = "Text" gives a string.`;
    return { ...error, notes: [...error.notes, { text }] };
  }
  return error;
}

/** Of a module of Node, in wrangler's words. */
function nodeAdvice(specifier: string, mode: NodeCompatMode): PartialNote[] {
  const about = `The package "${specifier}" wasn't found on the file system but is built into node.`;
  const advice = missingModuleAdvice(mode);
  return [{ text: advice === undefined ? about : `${about}\n- ${advice}` }];
}

function relocate<M extends PartialMessage>(message: M, root: string): M {
  const file = message.location?.file;
  // Syntax errors come with the namespace "", resolution errors with "file".
  const isFile = ["", "file"].includes(message.location?.namespace ?? "");
  if (file === undefined || !isFile) return message;
  const shown = shownPath(resolve(root, file));
  return { ...message, location: { ...message.location, file: shown } };
}

/** A path that a click in the terminal finds: relative to the working directory if below it. */
export function shownPath(absolute: string): string {
  const local = relative(process.cwd(), absolute);
  return local.startsWith("..") ? absolute : local;
}

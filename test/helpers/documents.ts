/** What the documents show: fences, and the command lines in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export interface Fence {
  /** Document and line, for messages. */
  readonly at: string;
  readonly document: string;
  /** Empty for what only shows output. */
  readonly language: string;
  readonly text: string;
}

/** All fences of README.md and docs/, in order. */
export function fences(): readonly Fence[] {
  const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];
  return documents.flatMap((document) => {
    const source = readFileSync(join(root, document), "utf8");
    return [...source.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => {
      const [, language = "", text = ""] = match;
      const line = source.slice(0, match.index).split("\n").length;
      return { at: `${document}:${line}`, document, language, text };
    });
  });
}

/** The fences of a document in a language; there must be some. */
export function fencesOf(document: string, language: string): readonly Fence[] {
  const found = fences().filter((it) => it.document === document && it.language === language);
  if (found.length === 0) throw new Error(`${document} has no fence in ${language}`);
  return found;
}

/** Arguments of each `drover ...` of a text in shell language, as a shell would pass them. */
export function droverCommands(text: string): readonly (readonly string[])[] {
  return text.split("\n").flatMap((line) =>
    line.split("&&").flatMap((command) => {
      const words = shellWords(command);
      return words[0] === "drover" ? [words.slice(1)] : [];
    }),
  );
}

/** Quotes, comments and a file for the output, which the program does not see, are all that the documents need of a shell. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [word, single, double] of line.matchAll(/'([^']*)'|"([^"]*)"|#.*|\S+/g)) {
    if (word.startsWith("#") || word === ">") break;
    words.push(single ?? double ?? word);
  }
  return words;
}

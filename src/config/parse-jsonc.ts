/**
 * wrangler.json and wrangler.jsonc: comments and trailing commas are allowed in both, as wrangler
 * does (spec/wrangler.md 2.1).
 */
import { createRequire } from "node:module";
import type { Node, ParseError } from "jsonc-parser";
import { type ConfigDocument, type ConfigPath, createDocument, PlaceIndex } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { explainJson } from "./explain-json.ts";
import { positionAt, renderProblem } from "./source-frame.ts";

/** Loaded on first use: 8 ms that a session with TOML configs only does not need. */
const require = createRequire(import.meta.url);
const jsonc = (): typeof import("jsonc-parser") => require("jsonc-parser");

/**
 * @param file absolute path, for positions and messages
 * @param cwd what messages show paths relative to
 * @throws UserError CONFIG_SYNTAX naming line, column and what was expected
 */
export function parseJsonc(file: string, text: string, cwd: string): ConfigDocument {
  const root = parseTree(file, text, cwd);
  if (root === undefined || root.type !== "object") {
    const offset = root?.offset ?? 0;
    throw syntaxError(file, text, cwd, offset, "Expected an object at the top level");
  }
  const places = new PlaceIndex();
  indexNode(root, [], places);
  return createDocument(file, text, jsonc().getNodeValue(root) as Record<string, unknown>, places);
}

/** Any value, of a file that is no config. @throws as `parseJsonc` */
export function parseJsoncValue(file: string, text: string, cwd: string): unknown {
  const root = parseTree(file, text, cwd);
  if (root === undefined) throw syntaxError(file, text, cwd, 0, "Expected a value");
  return jsonc().getNodeValue(root);
}

function parseTree(file: string, text: string, cwd: string): Node | undefined {
  const errors: ParseError[] = [];
  const source = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text;
  const root = jsonc().parseTree(source, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined) {
    const code = jsonc().printParseErrorCode(first.error);
    const what = explainJson(code, first.offset, source);
    throw syntaxError(file, text, cwd, first.offset, what);
  }
  return root;
}

function syntaxError(file: string, text: string, cwd: string, offset: number, what: string): Error {
  const position = positionAt(file, text, offset);
  return createConfigError("CONFIG_SYNTAX", renderProblem(`${what}.`, position, text, cwd));
}

function indexNode(node: Node, path: ConfigPath, places: PlaceIndex): void {
  if (node.type === "object") {
    // Backwards: of two equal keys the last one counts, and the first place of a path stays.
    for (const property of [...(node.children ?? [])].reverse()) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) continue;
      const childPath = [...path, String(key.value)];
      places.add(childPath, { key: key.offset, value: value.offset });
      indexNode(value, childPath, places);
    }
  } else if (node.type === "array") {
    for (const [index, item] of (node.children ?? []).entries()) {
      places.add([...path, index], { key: item.offset, value: item.offset });
      indexNode(item, [...path, index], places);
    }
  }
}

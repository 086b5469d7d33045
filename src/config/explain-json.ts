/**
 * What a JSON file needs where jsonc-parser stopped, in words of somebody who edits configs. Pure; called by
 * parse-jsonc.ts.
 */
import { explainAnywhere } from "./explain-toml.ts";

/** By the names of jsonc-parser's error codes. */
const TEXTS: Readonly<Record<string, string>> = {
  InvalidNumberFormat: "Invalid number",
  PropertyNameExpected: "Expected a property name in double quotes",
  ValueExpected: "Expected a value",
  ColonExpected: 'Expected ":" after the property name',
  CommaExpected: 'Expected "," between two entries',
  EndOfFileExpected: "Expected the end of the file",
  InvalidCommentToken: "Invalid comment",
  UnexpectedEndOfComment: "Comment is not closed: expected */",
  UnexpectedEndOfString: 'String is not closed: expected " on this line',
  UnexpectedEndOfNumber: "Unterminated number",
  InvalidUnicode: "Invalid unicode escape in a string: expected \\u and four hex digits",
  InvalidEscapeCharacter: "No such escape in a string: write \\\\ for \\",
  InvalidCharacter: "Control character in a string: write an escape like \\t or \\u0001",
};

/** @param code jsonc-parser's name of it, @param at where it stopped, as an offset in `source` */
export function explainJson(code: string, at: number, source: string): string {
  const common = explainAnywhere(source, at);
  if (common !== undefined) return capitalized(common);
  if (source.trim() === "") return "The file is empty: expected { }";
  const rest = source.slice(at, at + 100);
  switch (code) {
    case "InvalidSymbol":
      return explainSymbol(rest, source.slice(0, at));
    case "CommaExpected":
      if (rest.startsWith("}")) return 'Expected "," or "]": a list is not closed';
      if (rest.startsWith("]")) return 'Expected "," or "}": an object is not closed';
      if (/\d$/.test(source.slice(0, at)) && /^\d/.test(rest)) {
        return "Invalid number: it begins with 0";
      }
      break;
    case "CloseBraceExpected":
    case "CloseBracketExpected": {
      const brackets = code === "CloseBraceExpected" ? "{}" : "[]";
      return `Expected "${brackets[1]}": the "${brackets[0]}" on line ${openLine(source, at)} is not closed`;
    }
    default:
  }
  return TEXTS[code] ?? "Invalid JSON";
}

function explainSymbol(rest: string, before: string): string {
  const word = /^[^\s,:="\]}]*/.exec(rest)?.[0] || rest.slice(0, 1);
  if (before.trim() === "" && /^(?:[\w.-]+\s*=|\[{1,2}[\w.-]+\])/.test(rest)) {
    return "This is TOML: name the file wrangler.toml";
  }
  if (word.startsWith("'")) return "Unexpected ': strings and names stand in double quotes";
  if (word.startsWith("#")) return "Unexpected #: a comment begins with // in JSON";
  if (word === "=") return 'Expected ":" after the property name, not "="';
  if (/^(?:true|false|null)$/i.test(word)) return `Unexpected ${word}: write ${word.toLowerCase()}`;
  if (/^(?:none|undefined|nil)$/i.test(word)) return `Unexpected ${word}: write null`;
  if (before.endsWith('"'))
    return `Unexpected ${word} after a string: a " may be missing before it`;
  if (/^[\w$-]+\s*:/.test(rest)) return `Unexpected ${word}: a name stands in double quotes`;
  return `Unexpected ${word}: expected a value, or a name in double quotes`;
}

/** Of the innermost bracket that is open at `end`. */
function openLine(source: string, end: number): number {
  const open: number[] = [];
  const token = /"(?:\\.|[^"\\\n])*"|\/\/.*|\/\*[\s\S]*?\*\/|[[\]{}]/g;
  for (const { 0: found, index } of source.slice(0, end).matchAll(token)) {
    if (found === "[" || found === "{") open.push(index);
    else if (found === "]" || found === "}") open.pop();
  }
  return source.slice(0, open.at(-1) ?? 0).split("\n").length;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * Source phase imports of WebAssembly, which V8 links in few versions of Node and does not parse in
 * the others: `import source m from "./a.wasm"` becomes an ordinary import, whose default is the same
 * WebAssembly.Module, and `import.source(...)` a call of `SOURCE`. Columns stay where they are. Pure.
 */

/** As long as `import.source`, which it takes the place of. */
export const SOURCE = "__dr_source__";

export interface SourcePhases {
  readonly code: string;
  /** Of static imports. */
  readonly specifiers: ReadonlySet<string>;
  /** `code` calls `SOURCE`. */
  readonly isDynamic: boolean;
}

/** Where statements begin: a text or a comment that looks like one would have to stand there too. */
const STATEMENT =
  /(^|[;}\n]\s*|\*\/\s*)import(\s+)source(?=\s+[\p{ID_Start}$_][\p{ID_Continue}$]*\s+from\s*(["'])([^"'\n]+)\3)/gu;
const CALL = /\bimport\.source(?=\s*\()/g;

/** What no code has, but a text or a comment may: as long as `source`. */
const NO_CODE = "@@@@@@";

interface Candidate {
  readonly at: number;
  /** What stands there. */
  readonly found: string;
  /** As long. */
  readonly plain: string;
  /** Of a static import. */
  readonly specifier: string | undefined;
}

/** `parses`: whether code is a module without an error of syntax, which tells imports from texts that look like them. */
export function withoutSourcePhases(code: string, parses: (code: string) => boolean): SourcePhases {
  const specifiers = new Set<string>();
  let isDynamic = false;
  const candidates = /\bimport(?:\s+|\.)source\b/.test(code) ? findCandidates(code) : [];
  const imports = candidates.filter((one) => !parses(written(code, candidates, one)));
  for (const { specifier } of imports) {
    if (specifier === undefined) isDynamic = true;
    else specifiers.add(specifier);
  }
  return { code: written(code, imports), specifiers, isDynamic };
}

function findCandidates(code: string): Candidate[] {
  const found: Candidate[] = [];
  for (const match of code.matchAll(STATEMENT)) {
    const [all, before = "", space = "", , specifier] = match;
    const plain = `import${space}      `;
    const at = match.index + before.length;
    found.push({ at, found: all.slice(before.length), plain, specifier });
  }
  for (const { index, 0: text } of code.matchAll(CALL)) {
    found.push({ at: index, found: text, plain: SOURCE, specifier: undefined });
  }
  return found.sort((one, other) => one.at - other.at);
}

/** The code with these in place of what stands there, and one of them as nothing that code can have. */
function written(code: string, candidates: readonly Candidate[], wrong?: Candidate): string {
  let result = "";
  let end = 0;
  for (const candidate of candidates) {
    const { at, found, plain } = candidate;
    result += code.slice(end, at);
    result += candidate === wrong ? found.replace("source", NO_CODE) : plain;
    end = at + found.length;
  }
  return result + code.slice(end);
}

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

export function withoutSourcePhases(code: string): SourcePhases {
  const specifiers = new Set<string>();
  if (!/\bimport(?:\s+|\.)source\b/.test(code)) return { code, specifiers, isDynamic: false };
  const imports = code.replace(
    STATEMENT,
    (_all, before: string, space: string, _quote: string, specifier: string) => {
      specifiers.add(specifier);
      return `${before}import${space}      `;
    },
  );
  const plain = imports.replace(CALL, SOURCE);
  return { code: plain, specifiers, isDynamic: plain !== imports };
}

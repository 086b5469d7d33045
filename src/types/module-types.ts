/**
 * Declarations of what module rules import: `declare module "*.md"`. The file has all rules that
 * are in force, the terminal only those of the config (spec/devtools-types.md 6, "Modules").
 */
import type { RuleSet } from "../bundle/module-rules.ts";
import type { ModuleRule, ModuleRuleType } from "../config/types.ts";
import { globToRegExp } from "../util/glob.ts";

const TYPES: Partial<Record<ModuleRuleType, string>> = {
  Text: "string",
  Data: "ArrayBuffer",
  CompiledWasm: "WebAssembly.Module",
};

/** For the file: what is no plain `*.ext` first, then each extension once, the config's first. */
export function declareModules({ active }: RuleSet): string[] {
  const exact = new Map<string, string>();
  const extensions = new Map<string, string>();
  for (const { type, globs } of active.map(({ rule }) => rule)) {
    const value = TYPES[type];
    if (value === undefined) continue;
    for (const glob of globs.map(withoutFolders)) {
      if (!/^\*\.[^*/]+$/.test(glob)) exact.set(glob, exact.get(glob) ?? value);
      const extension = extensionOf(glob);
      if (extension !== undefined && !extensions.has(extension)) extensions.set(extension, value);
    }
  }
  const covers = [...extensions.keys()].map(globToRegExp);
  const uncovered = [...exact].filter(
    ([glob]) => /[*/]/.test(glob) || !covers.some((pattern) => pattern.test(glob)),
  );
  return [...uncovered, ...extensions].map(([glob, value]) => declare(glob, value));
}

/** For the terminal: a glob of the config each. */
export function declareConfigured(rules: readonly ModuleRule[]): string[] {
  return rules.flatMap(({ type, globs }) => {
    const value = TYPES[type];
    if (value === undefined) return [];
    return globs.map((glob) => declare(withoutFolders(glob), value));
  });
}

/** "**" + "/" at the start says nothing about an import. */
function withoutFolders(glob: string): string {
  return glob.startsWith("**/") ? glob.slice(3) : glob;
}

/** "docs/*.tpl" -> "*.tpl"; undefined for a glob whose name has no `*` before an extension. */
function extensionOf(glob: string): string | undefined {
  return /(?:^|\/)(\*\.[^*/]+)$/.exec(glob)?.[1];
}

function declare(glob: string, value: string): string {
  return `declare module ${JSON.stringify(glob)} {\n\tconst value: ${value};\n\texport default value;\n}`;
}

/**
 * Module rules (spec/wrangler.md 4.6): which files become modules of their own instead of parts of
 * the bundle. Pure; the plugins and the folder walk ask it.
 */
import { basename } from "node:path";
import type { ModuleRule, ModuleRuleType } from "../config/types.ts";
import type { ModuleKind } from "../protocol/bundle.ts";
import { globSource, globToRegExp } from "../util/glob.ts";

const DEFAULT_RULES: readonly ModuleRule[] = [
  { type: "Text", globs: ["**/*.txt", "**/*.html", "**/*.sql"], fallthrough: false },
  { type: "Data", globs: ["**/*.bin"], fallthrough: false },
  { type: "CompiledWasm", globs: ["**/*.wasm", "**/*.wasm?module"], fallthrough: false },
];

/** Nothing is bundled with `no_bundle`: JavaScript files are found by rules as well. */
const UNBUNDLED_RULES: readonly ModuleRule[] = [
  { type: "ESModule", globs: ["**/*.js", "**/*.mjs"], fallthrough: false },
  { type: "CommonJS", globs: ["**/*.cjs"], fallthrough: false },
];

const KINDS: Readonly<Record<ModuleRuleType, ModuleKind>> = {
  ESModule: "esm",
  CommonJS: "commonjs",
  CompiledWasm: "wasm",
  Text: "text",
  Data: "data",
};

export interface ActiveRule {
  /** drover's own with `no_bundle`: wrangler takes no script along that no rule of the config names. */
  readonly isOurs: boolean;
  readonly kind: ModuleKind;
  readonly rule: ModuleRule;
  readonly matches: (path: string) => boolean;
}

export interface RuleSet {
  /** In order of precedence. */
  readonly active: readonly ActiveRule[];
  /** Rules behind a rule of their type without fallthrough: importing what only they match fails. */
  readonly dropped: readonly ActiveRule[];
  readonly warnings: readonly string[];
}

/** The user's rules, then the default ones; a rule without `fallthrough` is the last of its type. */
export function resolveRules(user: readonly ModuleRule[], noBundle: boolean): RuleSet {
  const active: ActiveRule[] = [];
  const dropped: ActiveRule[] = [];
  const ignoredBy = new Map<ModuleRule, string[]>();
  const completed = new Map<ModuleRuleType, ModuleRule>();
  // Tools write default rules out: nothing is lost with a second one of the same.
  const given = new Set(user.map(describeRule));
  const defaults = (noBundle ? [...DEFAULT_RULES, ...UNBUNDLED_RULES] : DEFAULT_RULES).filter(
    (rule) => !given.has(describeRule(rule)),
  );
  for (const rule of [...user, ...defaults]) {
    const last = completed.get(rule.type);
    if (last === undefined) active.push(compile(rule));
    else {
      dropped.push(compile(rule));
      // wrangler has none to lose.
      if (UNBUNDLED_RULES.includes(rule)) continue;
      const isDefault = defaults.includes(rule);
      const line = ` ${describeRule(rule)}${isDefault ? " (DEFAULT)" : ""}`;
      ignoredBy.set(last, [...(ignoredBy.get(last) ?? []), line]);
    }
    if (!rule.fallthrough) completed.set(rule.type, rule);
  }
  const warnings = [...ignoredBy].map(
    ([rule, lines]) =>
      `The module rule ${describeRule(rule)} does not have a fallback, the following rules will be ignored:\n${lines.join("\n")}\n\nAdd \`fallthrough = true\` to the rule to allow the next rules to be used.`,
  );
  return { active, dropped, warnings };
}

/** As shown in messages. */
export function describeRule(rule: ModuleRule): string {
  return JSON.stringify({ type: rule.type, globs: rule.globs });
}

/** True for rules whose files are script, which the bundler takes in unless they are found by a walk. */
export function isScriptRule(rule: ActiveRule): boolean {
  return rule.kind === "esm" || rule.kind === "commonjs";
}

/** The file's path or specifier without `?module` and the like. */
export function stripQuery(specifier: string): string {
  const at = specifier.indexOf("?");
  return at > 0 ? specifier.slice(0, at) : specifier;
}

/**
 * A filter for `onResolve` that lets only specifiers through that one of `rules` may match, in
 * esbuild's (Go) regexp syntax; undefined without rules. Narrow on purpose: every specifier that
 * passes costs a round trip to this process. Folders in a glob are checked afterwards.
 */
export function specifierFilter(rules: readonly ActiveRule[]): RegExp | undefined {
  const ends = new Set<string>();
  for (const { rule } of rules) {
    for (const glob of rule.globs) {
      const name = basename(glob.replace(/\?module$/, ""));
      // "assets/**" says nothing about the name: the folder has to be in the specifier then.
      const end = /[^*?]/.test(name) ? globSource(name) : globSource(glob);
      ends.add(end);
    }
  }
  if (ends.size === 0) return undefined;
  return new RegExp(`(?:^|/)(?:${[...ends].join("|")})(?:\\?.*)?$`);
}

function compile(rule: ModuleRule): ActiveRule {
  const patterns = rule.globs.map((glob) => globToRegExp(glob.replace(/\?module$/, "")));
  return {
    kind: KINDS[rule.type],
    isOurs: UNBUNDLED_RULES.includes(rule),
    rule,
    matches: (path) => patterns.some((pattern) => pattern.test(path)),
  };
}

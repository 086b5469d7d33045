/** `run_worker_first`: which requests go to the user Worker before any asset (spec/assets.md 4, 6). Pure. */

export interface RunWorkerFirst {
  /** For every request. */
  readonly always: boolean;
  /** A rule decides: the user Worker, or the asset server and nothing else. */
  readonly decide: (pathname: string) => "worker" | "assets" | undefined;
  /** There are rules: not-found pages need no navigation. */
  readonly hasRules: boolean;
}

const MAX_RULES = 100;
const MAX_LENGTH = 100;
const SHOWN_DUPLICATES = 5;

export function compileRules(value: boolean | readonly string[]): RunWorkerFirst {
  if (typeof value === "boolean") {
    return { always: value, decide: () => undefined, hasRules: false };
  }
  const negative = matcherOf(value.filter(isNegative).map((rule) => rule.slice(1)));
  const positive = matcherOf(value.filter((rule) => !isNegative(rule)));
  const decide = (pathname: string): "worker" | "assets" | undefined => {
    if (negative?.test(pathname)) return "assets";
    return positive?.test(pathname) ? "worker" : undefined;
  };
  return { always: false, decide, hasRules: true };
}

/** What is wrong with the rules, in wrangler's words; undefined if nothing. */
export function findRulesProblem(rules: readonly string[]): string | undefined {
  if (rules.length === 0) {
    return "No `run_worker_first` rules were provided; must provide at least 1 rule.";
  }
  if (rules.length > MAX_RULES) return tooMany(rules);
  const problems: string[] = [];
  const positive: string[] = [];
  const negative: string[] = [];
  for (const rule of rules) {
    if (rule.startsWith("!/")) negative.push(rule);
    else if (rule.startsWith("!")) {
      problems.push(`'${rule}': negative rules must start with '!/'`);
    } else if (rule.startsWith("/")) positive.push(rule);
    else problems.push(`'${rule}': rules must start with '/' or '!/'`);
  }
  for (const group of [positive, negative]) problems.push(...findGroupProblems(group));
  if (problems.length > 0) {
    return ["Invalid routes in `run_worker_first`:", ...problems].join("\n");
  }
  if (positive.length === 0) {
    return "Only negative `run_worker_first` rules were provided; must provide at least 1 non-negative rule";
  }
  return undefined;
}

function findGroupProblems(rules: readonly string[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const rule of rules) {
    if (rule.length > MAX_LENGTH) {
      problems.push(`'${rule}': all rules must be less than ${MAX_LENGTH} characters in length`);
    }
    if (seen.has(rule)) problems.push(`'${rule}': rule is a duplicate; rules must be unique`);
    seen.add(rule);
    if (!rule.endsWith("*")) continue;
    for (const other of rules) {
      if (other === rule || !other.startsWith(rule.slice(0, -1))) continue;
      problems.push(`'${other}': rule '${rule}' makes it redundant`);
    }
  }
  return problems;
}

function tooMany(rules: readonly string[]): string {
  const distinct = new Set(rules);
  const extra = rules.length - distinct.size;
  if (extra === 0) {
    return `Too many \`run_worker_first\` rules were provided; ${rules.length} rules provided exceeds max of ${MAX_RULES}.`;
  }
  const repeated = [...distinct].filter((rule) => rules.indexOf(rule) !== rules.lastIndexOf(rule));
  const more = repeated.length - SHOWN_DUPLICATES;
  return [
    `Too many \`run_worker_first\` rules were provided; ${rules.length} rules provided (${distinct.size} distinct, ${extra} duplicate ${extra === 1 ? "entry" : "entries"}) exceeds max of ${MAX_RULES}. Note: duplicate entries count towards the route limit. Ensure that no duplicate rules are present in your \`run_worker_first\` configuration.`,
    "",
    "The duplicated rules found are:",
    ...repeated.slice(0, SHOWN_DUPLICATES).map((rule) => `- "${rule}"`),
    ...(more > 0 ? [`...and ${more} more duplicated rule${more === 1 ? "" : "s"}.`] : []),
  ].join("\n");
}

function isNegative(rule: string): boolean {
  return rule.startsWith("!");
}

/** One expression for all: `*` is anything, everything else itself. */
function matcherOf(rules: readonly string[]): RegExp | undefined {
  if (rules.length === 0) return undefined;
  const sources = rules.map((rule) =>
    rule
      .split("*")
      .map((part) => part.replace(/[-/\\^$+?.()|[\]{}]/g, "\\$&"))
      .join(".*"),
  );
  return new RegExp(`^(?:${sources.join("|")})$`);
}

/**
 * The Worker's `URLPattern` (spec/platform.md 2.8): production's arguments, results and texts around the
 * standard's algorithm (package urlpattern-polyfill), the same on every version of Node. Before
 * `urlpattern_standard` unmatched groups are "", what a pattern's text does not name is empty, and errors
 * say more; `hasRegExpGroups` is taken off the class then (older-classes.ts).
 */
import type { URLPattern as Standard } from "urlpattern-polyfill/urlpattern";
import { httpCompat } from "../compat.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { createStandardPattern } from "./url-pattern-standard.ts";

const COMPONENTS = [
  "protocol",
  "username",
  "password",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

const INPUT_KEYS = [...COMPONENTS, "baseURL"] as const;

type Init = Partial<Record<(typeof INPUT_KEYS)[number], string>>;

interface ComponentResult {
  readonly input: string;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

let isPattern: (value: object) => boolean;

export class URLPattern {
  readonly #pattern: Standard;

  constructor(input?: unknown, ...more: unknown[]) {
    const given = inputOf(input);
    this.#pattern = httpCompat().standardPatterns
      ? constructStandard(given, more)
      : constructOlder(given, more);
  }

  static {
    isPattern = (value) => #pattern in value;
  }

  get protocol(): string {
    return this.#pattern.protocol;
  }

  get username(): string {
    return this.#pattern.username;
  }

  get password(): string {
    return this.#pattern.password;
  }

  get hostname(): string {
    return this.#pattern.hostname;
  }

  get port(): string {
    return this.#pattern.port;
  }

  get pathname(): string {
    return this.#pattern.pathname;
  }

  get search(): string {
    return this.#pattern.search;
  }

  get hash(): string {
    return this.#pattern.hash;
  }

  get hasRegExpGroups(): boolean {
    return COMPONENTS.some((name) => hasRegExp(this.#pattern[name]));
  }

  test(input?: unknown, base?: unknown): boolean {
    const { given, baseUrl } = inputsOf("test", input, base);
    return this.#pattern.test(given, baseUrl);
  }

  exec(input?: unknown, base?: unknown): object | null {
    const { given, baseUrl } = inputsOf("exec", input, base);
    const found = this.#pattern.exec(given, baseUrl);
    if (found === null) return null;
    const inputs: unknown[] = [typeof given === "string" ? given : inputResult(given)];
    if (baseUrl !== undefined) inputs.push(baseUrl);
    const result: Record<string, unknown> = { inputs };
    for (const name of COMPONENTS) result[name] = componentResult(found[name]);
    return result;
  }
}
defineInterface(URLPattern, "URLPattern", { brand: isPattern });

function isDictionary(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** An absent one is a pattern for everything; URLs are text. */
function inputOf(input: unknown): string | Init {
  if (input === undefined || input === null) return {};
  if (!isDictionary(input) || input instanceof URL) return `${input}`;
  const init: Init = {};
  for (const key of INPUT_KEYS) {
    const value: unknown = Reflect.get(input, key);
    if (value !== undefined) init[key] = `${value}`;
  }
  return init;
}

function inputsOf(
  method: "test" | "exec",
  input: unknown,
  base: unknown,
): { readonly given: string | Init; readonly baseUrl: string | undefined } {
  const given = inputOf(input);
  if (base === undefined || base === null) return { given, baseUrl: undefined };
  if (typeof given !== "string") {
    throw new TypeError(
      httpCompat().standardPatterns
        ? `Failed to ${method} URLPattern`
        : "A baseURL is not allowed when input is an object.",
    );
  }
  return { given, baseUrl: `${base}` };
}

interface Options {
  readonly base: string | undefined;
  readonly ignoreCase: boolean;
}

/** `(input, base, options)` and `(input, options)`. Undefined for what neither is. */
function optionsOf(more: readonly unknown[]): Options | undefined {
  const [first, second] = more;
  const isBase = typeof first === "string" || first instanceof URL;
  const options = isBase ? second : first;
  if (options !== undefined && options !== null && !isDictionary(options)) return undefined;
  return {
    base: isBase ? `${first}` : undefined,
    ignoreCase: isDictionary(options) && Boolean(Reflect.get(options, "ignoreCase")),
  };
}

function constructStandard(input: string | Init, more: readonly unknown[]): Standard {
  const options = optionsOf(more);
  const isWrong =
    options === undefined || (options.base !== undefined && typeof input !== "string");
  try {
    if (!isWrong) return create(input, options);
  } catch {
    // Production says no more either.
  }
  throw new TypeError("Failed to construct URLPattern");
}

function constructOlder(input: string | Init, more: readonly unknown[]): Standard {
  const options = optionsOf(more) ?? { base: undefined, ignoreCase: false };
  const isText = typeof input === "string";
  try {
    const pattern = create(input, { ...options, base: isText ? options.base : undefined });
    return isText ? create(closed(pattern, input), { ...options, base: undefined }) : pattern;
  } catch (error) {
    throw new TypeError(olderText(error instanceof Error ? error.message : String(error)));
  }
}

function create(input: string | Init, { base, ignoreCase }: Options): Standard {
  return createStandardPattern(input, base, ignoreCase);
}

/** What the text of a pattern does not name matches nothing but "". */
function closed(pattern: Standard, text: string): Init {
  const init: Init = {};
  for (const name of COMPONENTS) init[name] = pattern[name];
  if (!text.includes("@")) Object.assign(init, { username: "", password: "" });
  if (!/\?\*/.test(text) && init.search === "*") init.search = "";
  if (!text.includes("#") && init.hash === "*") init.hash = "";
  return init;
}

const OLDER_TEXTS: readonly (readonly [RegExp, string])[] = [
  [
    /base URL must be provided/,
    "Syntax error in URL Pattern: a relative pattern must have a base URL.",
  ],
  [/invalid baseURL/, "Invalid base URL."],
];

function olderText(text: string): string {
  const name = /Duplicate name '(.*?)'/.exec(text)?.[1];
  if (name !== undefined) return `Syntax error in URL Pattern: Duplicated part names [${name}]`;
  const known = OLDER_TEXTS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? "Invalid regular expression syntax.";
}

/** Whether a component has a group of user code's own: "(" that nothing escapes. */
function hasRegExp(component: string): boolean {
  return /(?<!\\)(?:\\\\)*\(/.test(component);
}

function inputResult(given: Init): object {
  if (!httpCompat().standardPatterns || !httpCompat().fullResults) return given;
  const shown: Record<string, string | undefined> = {};
  for (const key of INPUT_KEYS) shown[key] = given[key];
  return shown;
}

function componentResult({ input, groups }: ComponentResult): ComponentResult {
  if (httpCompat().standardPatterns) return { input, groups };
  const filled = Object.entries(groups).map(([name, value]) => [name, value ?? ""]);
  return { input, groups: Object.fromEntries(filled) as Record<string, string> };
}

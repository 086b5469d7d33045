/**
 * The little language of `drover smoke --check`:
 *
 *     [METHOD] TARGET [STATUS] [RULE ...]
 *
 *     METHOD   GET, POST, ...; default GET
 *     TARGET   /path (the first Worker), worker:/path, or a whole http(s):// URL
 *     STATUS   200, 2xx, or <500; default <500
 *     RULE     contains:TEXT         the response body contains TEXT
 *              header:NAME[=VALUE]   the response has this header, its value contains VALUE
 *              body:DATA             sends DATA as request body
 *              send:NAME=VALUE       sends a request header
 *
 * Parts are separated by spaces. A value with spaces stands in double or single quotes:
 * `POST api:/items 201 body:'{"id": 1}' contains:"made it"`.
 */
import { ExitCode, UserError } from "../../util/errors.ts";

export interface Check {
  /** As written, or its name. */
  readonly text: string;
  readonly method: string;
  /** undefined: the first Worker, or whatever the URL says. */
  readonly worker: string | undefined;
  /** Path with query, or a URL. */
  readonly target: string;
  /** One of them has to hold. */
  readonly status: readonly StatusRule[];
  readonly headers: readonly HeaderRule[];
  readonly bodyRules: readonly BodyRule[];
  readonly body: string | undefined;
  readonly send: Readonly<Record<string, string>>;
  /** Milliseconds from the request to the end of the body. */
  readonly mostMs: number | undefined;
}

/** `value`: what the header contains, or a pattern that it matches; undefined: it is there. */
export interface HeaderRule {
  readonly name: string;
  readonly value: string | RegExp | undefined;
}

/** "json": the body is JSON that has at least what `value` has. */
export type BodyRule =
  | { readonly type: "is" | "contains"; readonly value: string }
  | { readonly type: "matches"; readonly value: RegExp }
  | { readonly type: "json"; readonly value: unknown };

/** Without a status of its own. */
export const ANY_SUCCESS: StatusRule = { from: 100, to: 499 };

/** Inclusive bounds. */
export interface StatusRule {
  readonly from: number;
  readonly to: number;
}

/** What came back, as far as checks look at it. */
export interface CheckedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: string;
  readonly ms: number;
}

/** @throws UserError CHECK_SYNTAX (exit code 2) */
export function parseCheck(text: string): Check {
  const fail = (problem: string): never => {
    throw new UserError("CHECK_SYNTAX", `--check "${text}": ${problem}`, {
      exitCode: ExitCode.config,
      hint: 'Write [METHOD] TARGET [STATUS] [contains:TEXT] [header:NAME=VALUE] [body:DATA] [send:NAME=VALUE], for example "GET api:/users 200 contains:Ada".',
    });
  };
  const parts = split(text) ?? fail("a quote is not closed.");
  // No target consists of letters only.
  const method = /^[a-z]+$/i.test(parts[0] ?? "") ? (parts.shift() ?? "").toUpperCase() : "GET";
  const target =
    parseTarget(parts.shift() ?? "") ?? fail("expected a path, worker:/path or a URL.");
  const status = parseStatus(parts[0]);
  if (status !== undefined) parts.shift();

  const bodyRules: BodyRule[] = [];
  const headers: HeaderRule[] = [];
  const send: Record<string, string> = {};
  let body: string | undefined;
  for (const part of parts) {
    const [, rule, value = ""] = /^(\w+):([\s\S]*)$/.exec(part) ?? [];
    const [name = "", ...rest] = value.split("=");
    if (rule === "contains") bodyRules.push({ type: "contains", value });
    else if (rule === "header") {
      headers.push({ name, value: rest.length === 0 ? undefined : rest.join("=") });
    } else if (rule === "body") body = value;
    else if (rule === "send" && rest.length > 0) send[name] = rest.join("=");
    else fail(`"${part}" is no status and no rule.`);
  }
  return {
    text,
    method,
    ...target,
    status: [status ?? ANY_SUCCESS],
    headers,
    bodyRules,
    body,
    send,
    mostMs: undefined,
  };
}

/** undefined if the response is as expected, else what is wrong with it. */
export function judge(check: Check, response: CheckedResponse): string | undefined {
  const { status, headers, body, ms } = response;
  if (!check.status.some(({ from, to }) => status >= from && status <= to)) {
    const wanted = check.status.map(({ from, to }) =>
      from === to ? `${from}` : `${from} to ${to}`,
    );
    return `status ${status}, expected ${wanted.join(" or ")}: ${excerpt(body)}`;
  }
  for (const { name, value } of check.headers) {
    const actual = headers.get(name);
    if (actual === null) return `no header "${name}"`;
    if (value instanceof RegExp) {
      if (!value.test(actual)) return `header "${name}" is "${actual}", expected ${value}`;
    } else if (value !== undefined && !actual.includes(value)) {
      return `header "${name}" is "${actual}", expected "${value}"`;
    }
  }
  for (const rule of check.bodyRules) {
    const failure = judgeBody(rule, body);
    if (failure !== undefined) return failure;
  }
  const { mostMs } = check;
  if (mostMs === undefined || ms <= mostMs) return undefined;
  return `took ${Math.round(ms)} ms, expected at most ${mostMs} ms`;
}

function judgeBody(rule: BodyRule, body: string): string | undefined {
  switch (rule.type) {
    case "is":
      return body === rule.value
        ? undefined
        : `expected the body ${JSON.stringify(rule.value)} but got: ${excerpt(body)}`;
    case "contains":
      return body.includes(rule.value) ? undefined : `no "${rule.value}" in: ${excerpt(body)}`;
    case "matches":
      return rule.value.test(body) ? undefined : `${rule.value} does not match: ${excerpt(body)}`;
    default:
      return judgeJson(rule.value, body);
  }
}

function judgeJson(wanted: unknown, body: string): string | undefined {
  let actual: unknown;
  try {
    actual = JSON.parse(body);
  } catch {
    return `expected JSON but got: ${excerpt(body)}`;
  }
  return findMissing(wanted, actual, "");
}

/**
 * Where `actual` lacks something of `wanted`, for people; undefined if it has all of it. Objects may
 * have more keys; lists are as long as they are.
 */
export function findMissing(wanted: unknown, actual: unknown, path: string): string | undefined {
  const where = path === "" ? "the JSON" : `"${path}"`;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual)) return `${where} is ${shown(actual)}, expected a list`;
    if (actual.length !== wanted.length) {
      return `${where} has ${actual.length} items, expected ${wanted.length}`;
    }
    return firstMissing(wanted.entries(), (index) => actual[Number(index)], path);
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof actual !== "object" || actual === null || Array.isArray(actual)) {
      return `${where} is ${shown(actual)}, expected an object`;
    }
    const has = actual as Readonly<Record<string, unknown>>;
    return firstMissing(
      Object.entries(wanted),
      (key) => (Object.hasOwn(has, key) ? has[key] : undefined),
      path,
    );
  }
  return wanted === actual ? undefined : `${where} is ${shown(actual)}, expected ${shown(wanted)}`;
}

function firstMissing(
  wanted: Iterable<readonly [string | number, unknown]>,
  get: (key: string | number) => unknown,
  path: string,
): string | undefined {
  for (const [key, value] of wanted) {
    const found = findMissing(value, get(key), path === "" ? `${key}` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(value: unknown): string {
  return excerpt(JSON.stringify(value) ?? "missing");
}

export function parseTarget(
  word: string,
): { worker: string | undefined; target: string } | undefined {
  if (/^https?:\/\//.test(word) && URL.canParse(word)) return { worker: undefined, target: word };
  const parts = /^(?:([A-Za-z0-9_-]+):)?(\/.*)$/.exec(word);
  return parts === null ? undefined : { worker: parts[1], target: parts[2] as string };
}

export function parseStatus(word: string | undefined): StatusRule | undefined {
  if (word === undefined) return undefined;
  const exact = /^[1-5]\d\d$/.exec(word);
  if (exact !== null) return { from: Number(word), to: Number(word) };
  const family = /^([1-5])xx$/i.exec(word);
  if (family !== null) return { from: Number(family[1]) * 100, to: Number(family[1]) * 100 + 99 };
  const below = /^<([1-6]\d\d)$/.exec(word);
  return below === null ? undefined : { from: 100, to: Number(below[1]) - 1 };
}

/** Words; quotes may surround any part of a word. undefined if one is not closed. */
function split(text: string): string[] | undefined {
  const words: string[] = [];
  let word = "";
  let inWord = false;
  let quote = "";
  for (const char of text) {
    if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (isOpeningQuote(char, word)) {
      quote = char;
      inWord = true;
    } else if (/\s/.test(char)) {
      if (inWord) words.push(word);
      word = "";
      inWord = false;
    } else {
      word += char;
      inWord = true;
    }
  }
  if (inWord) words.push(word);
  return quote === "" ? words : undefined;
}

/** Only where a value begins: `contains:it's` needs no escaping. */
function isOpeningQuote(char: string, wordSoFar: string): boolean {
  return (char === '"' || char === "'") && /(^|[:=])$/.test(wordSoFar);
}

function excerpt(body: string): string {
  const oneLine = body.replace(/\s+/g, " ").trim();
  if (oneLine === "") return "(empty body)";
  return oneLine.length > 200 ? `${oneLine.slice(0, 200)}...` : oneLine;
}

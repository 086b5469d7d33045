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
  /** As written. */
  readonly text: string;
  readonly method: string;
  /** undefined: the first Worker, or whatever the URL says. */
  readonly worker: string | undefined;
  /** Path with query, or a URL. */
  readonly target: string;
  readonly status: StatusRule;
  readonly contains: readonly string[];
  readonly headers: readonly { readonly name: string; readonly value: string | undefined }[];
  readonly body: string | undefined;
  readonly send: Readonly<Record<string, string>>;
}

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
  const method = /^[A-Z]+$/.test(parts[0] ?? "") ? (parts.shift() as string) : "GET";
  const target =
    parseTarget(parts.shift() ?? "") ?? fail("expected a path, worker:/path or a URL.");
  const status = parseStatus(parts[0]);
  if (status !== undefined) parts.shift();

  const contains: string[] = [];
  const headers: { name: string; value: string | undefined }[] = [];
  const send: Record<string, string> = {};
  let body: string | undefined;
  for (const part of parts) {
    const [, rule, value = ""] = /^(\w+):([\s\S]*)$/.exec(part) ?? [];
    const [name = "", ...rest] = value.split("=");
    if (rule === "contains") contains.push(value);
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
    status: status ?? { from: 100, to: 499 },
    contains,
    headers,
    body,
    send,
  };
}

/** undefined if the response is as expected, else what is wrong with it. */
export function judge(check: Check, response: CheckedResponse): string | undefined {
  const { from, to } = check.status;
  if (response.status < from || response.status > to) {
    const wanted = from === to ? `${from}` : `${from} to ${to}`;
    return `status ${response.status}, expected ${wanted}: ${excerpt(response.body)}`;
  }
  for (const { name, value } of check.headers) {
    const actual = response.headers.get(name);
    if (actual === null) return `no header "${name}"`;
    if (value !== undefined && !actual.includes(value)) {
      return `header "${name}" is "${actual}", expected "${value}"`;
    }
  }
  const missing = check.contains.find((text) => !response.body.includes(text));
  return missing === undefined ? undefined : `no "${missing}" in: ${excerpt(response.body)}`;
}

function parseTarget(word: string): { worker: string | undefined; target: string } | undefined {
  if (/^https?:\/\//.test(word) && URL.canParse(word)) return { worker: undefined, target: word };
  const parts = /^(?:([A-Za-z0-9_-]+):)?(\/.*)$/.exec(word);
  return parts === null ? undefined : { worker: parts[1], target: parts[2] as string };
}

function parseStatus(word: string | undefined): StatusRule | undefined {
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

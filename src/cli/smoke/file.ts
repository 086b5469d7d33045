/**
 * `drover.smoke.jsonc`: the checks of a project, in more detail than fits into `--check`. Read when
 * it is in the working directory, or named with `--checks`.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseCallPath } from "../../client/call-path.ts";
import { Diagnostics } from "../../config/diagnostics.ts";
import type { ConfigPath } from "../../config/document.ts";
import { loadConfigFile } from "../../config/load.ts";
import {
  any,
  array,
  check as checkSchema,
  either,
  number,
  object,
  record,
  type Schema,
  string,
} from "../../config/schema.ts";
import type { CallCheck } from "./call-check.ts";
import { ANY_SUCCESS, type BodyRule, type Check, type HeaderRule, parseStatus } from "./check.ts";

export const SMOKE_FILE = "drover.smoke.jsonc";

export interface SmokeFile {
  readonly checks: readonly (Check | CallCheck)[];
  /** Seconds; undefined: the default. */
  readonly timeout: number | undefined;
  /** About keys that nobody knows, with their places. */
  readonly warnings: readonly string[];
}

/** A text that may be found, or rules for it. */
const textRule = either(string, object({ contains: string, matches: string }));
const statusRule: Schema = { kind: "any" };
const EXPECT = object({
  status: statusRule,
  headers: record(textRule),
  body: either(string, object({ contains: string, matches: string, json: any })),
  json: any,
  error: string,
  mostMs: number,
});
const CHECK = object({
  name: string,
  worker: string,
  method: string,
  path: string,
  headers: record(string),
  body: any,
  scheduled: string,
  call: string,
  args: array(any),
  expect: EXPECT,
});
const FILE = object({ $schema: string, timeout: number, checks: array(CHECK) }, "checks");

interface TextRules {
  readonly contains?: string;
  readonly matches?: string;
  readonly json?: unknown;
}

/** A check as the schema has accepted it. */
interface RawCheck {
  readonly name?: string;
  readonly worker?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly scheduled?: string;
  readonly call?: string;
  readonly args?: readonly unknown[];
  readonly expect?: {
    readonly json?: unknown;
    readonly error?: string;
    readonly status?: unknown;
    readonly headers?: Readonly<Record<string, string | TextRules>>;
    readonly body?: string | TextRules;
    readonly mostMs?: number;
  };
}

/** The file that `--checks` names, or the working directory's; undefined if there is none. */
export function findSmokeFile(given: string | undefined, cwd: string): string | undefined {
  if (given !== undefined) return resolve(cwd, given);
  const path = resolve(cwd, SMOKE_FILE);
  return existsSync(path) ? path : undefined;
}

/** @throws UserError CONFIG_NOT_READABLE, CONFIG_SYNTAX, CONFIG_INVALID: each problem with its place */
export function readSmokeFile(path: string, cwd: string): SmokeFile {
  const document = loadConfigFile(path, cwd, "--checks");
  const diagnostics = new Diagnostics(document, cwd);
  checkSchema(FILE, document.value, [], diagnostics);
  diagnostics.throwIfFailed();
  const { checks, timeout } = document.value as { checks: RawCheck[]; timeout?: number };
  const parsed = checks.map((check, index) => new CheckReader(index, diagnostics).read(check));
  diagnostics.throwIfFailed();
  const warnings = diagnostics.warnings.map(({ message, frame }) =>
    frame === undefined ? message : `${message}\n\n${frame}`,
  );
  return { checks: parsed, timeout, warnings };
}

/** One check; reports what the schema cannot see. */
class CheckReader {
  readonly #path: ConfigPath;
  readonly #diagnostics: Diagnostics;

  constructor(index: number, diagnostics: Diagnostics) {
    this.#path = ["checks", index];
    this.#diagnostics = diagnostics;
  }

  read(check: RawCheck): Check | CallCheck {
    if (check.call !== undefined) return this.#readCall(check, check.call);
    for (const key of ["json", "error"]) {
      if (Object.hasOwn(check.expect ?? {}, key)) {
        this.#error(`"${key}" is of checks with a "call".`, "expect", key);
      }
    }
    if (check.args !== undefined) this.#error('"args" is of checks with a "call".', "args");
    const { worker, method = "GET", headers = {}, body, expect = {} } = check;
    const target = this.#target(check);
    const where = worker === undefined ? target : `${worker}:${target}`;
    const isText = typeof body === "string" || body === undefined;
    return {
      text: check.name ?? `${method} ${where}`,
      method,
      worker,
      target,
      status: this.#status(expect.status),
      headers: Object.entries(expect.headers ?? {}).flatMap(([name, rule]) =>
        this.#headerRules(name, rule),
      ),
      bodyRules: this.#bodyRules(expect.body),
      body: isText ? body : JSON.stringify(body),
      send: isText ? headers : { "content-type": "application/json", ...headers },
      mostMs: expect.mostMs,
    };
  }

  #readCall(check: RawCheck, call: string): CallCheck {
    const { name, worker, args = [], expect = {} } = check;
    const ofRequests = ["method", "path", "headers", "body", "scheduled"] as const;
    for (const key of ofRequests) {
      if (check[key] !== undefined) this.#error(`A check with a "call" has no "${key}".`, key);
    }
    for (const key of ["status", "headers", "body"] as const) {
      if (expect[key] !== undefined) {
        this.#error(`A check with a "call" expects "json" or an "error".`, "expect", key);
      }
    }
    const path = parseCallPath(call);
    if (path === undefined) {
      this.#error(
        'Expected "call" to be Entrypoint.method, or a method of the default export.',
        "call",
      );
    }
    return {
      kind: "call",
      text: name ?? `call ${worker === undefined ? "" : `${worker}#`}${call}`,
      worker,
      entrypoint: path?.entrypoint,
      path: path?.path ?? [],
      args,
      json: "json" in expect ? { value: expect.json } : undefined,
      error: expect.error,
      mostMs: expect.mostMs,
    };
  }

  #target({ path, scheduled }: RawCheck): string {
    if (path !== undefined && scheduled !== undefined) {
      this.#error("A check has either a path or a cron trigger.", "scheduled");
    }
    if (scheduled !== undefined) {
      return `/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(scheduled)}`;
    }
    if (path === undefined) this.#error('"path" is a required field.');
    else if (!path.startsWith("/")) this.#error('Expected "path" to begin with a slash.', "path");
    return path ?? "/";
  }

  #status(rule: unknown): Check["status"] {
    if (rule === undefined) return [ANY_SUCCESS];
    const rules = (Array.isArray(rule) ? rule : [rule]).map((item) => parseStatus(String(item)));
    const known = rules.filter((item) => item !== undefined);
    if (known.length < rules.length || known.length === 0) {
      this.#error(
        'Expected a status such as 200, "2xx" or "<500", or a list of them.',
        "expect",
        "status",
      );
    }
    return known;
  }

  #headerRules(name: string, rule: string | TextRules): HeaderRule[] {
    if (typeof rule === "string") return [{ name, value: rule }];
    const { contains, matches } = rule;
    return [
      ...(contains === undefined ? [] : [{ name, value: contains }]),
      ...(matches === undefined
        ? []
        : [{ name, value: this.#pattern(matches, "expect", "headers", name, "matches") }]),
      ...(contains === undefined && matches === undefined ? [{ name, value: undefined }] : []),
    ];
  }

  #bodyRules(rule: string | TextRules | undefined): BodyRule[] {
    if (rule === undefined) return [];
    if (typeof rule === "string") return [{ type: "is", value: rule }];
    const { contains, matches } = rule;
    return [
      ...(contains === undefined ? [] : [{ type: "contains" as const, value: contains }]),
      ...(matches === undefined
        ? []
        : [
            {
              type: "matches" as const,
              value: this.#pattern(matches, "expect", "body", "matches"),
            },
          ]),
      ...("json" in rule ? [{ type: "json" as const, value: rule.json }] : []),
    ];
  }

  #pattern(source: string, ...keys: string[]): RegExp {
    try {
      return new RegExp(source);
    } catch (error) {
      this.#error(String(error), ...keys);
      return /(?:)/;
    }
  }

  #error(message: string, ...keys: string[]): void {
    this.#diagnostics.error(message, [...this.#path, ...keys], "value");
  }
}

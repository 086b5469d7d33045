/**
 * `URL` before `url_standard` (2022-10-31): parse.ts behind production's class of that time. Made for Workers
 * with such a date (scope/older-classes.ts); the runtime itself goes on using Node's.
 */
import { defineInterface } from "../interfaces/define-interface.ts";
import { reorderMembers } from "../interfaces/members.ts";
import { type AnyClass, outsideOf } from "../interfaces/outside.ts";
import { wrongConstructorParameter } from "../streams/arguments.ts";
import {
  dropDefaultPort,
  hasOrigin,
  joinHost,
  parseAbsolute,
  parsePath,
  parseRelative,
  splitHost,
  type UrlParts,
  writePath,
  writeUrl,
} from "./parse.ts";
import { BadEscape, bytesOf, decodeAnyway, encodeFragment, encodeUser, textOf } from "./percent.ts";
import { parseQuery, writeQuery } from "./query.ts";
import { isSearchParams, LegacySearchParams, searchParamsOf } from "./search-params.ts";

let isUrl: (value: object) => boolean;

class LegacyUrl {
  #parts: UrlParts;
  #searchParams: LegacySearchParams | undefined;

  constructor(...args: unknown[]) {
    if (args.length === 0) throw wrongConstructorParameter("URL", 1, "string");
    const [url, base] = args;
    this.#parts = dropDefaultPort(parse(`${url}`, base === undefined ? undefined : `${base}`));
  }

  static {
    isUrl = (value) => #parts in value;
  }

  get href(): string {
    return writeUrl(this.#parts);
  }

  set href(value: unknown) {
    const text = `${value}`;
    const parts = orUndefined(() => parseAbsolute(text));
    if (parts === undefined) {
      throw new TypeError(
        "Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.",
      );
    }
    const { query } = this.#parts;
    query.list = parts.query.list;
    this.#parts = { ...parts, query };
  }

  get origin(): string {
    const { scheme, host } = this.#parts;
    return hasOrigin(scheme) ? `${scheme}://${host}` : "null";
  }

  get protocol(): string {
    return `${this.#parts.scheme}:`;
  }

  set protocol(value: unknown) {
    const scheme = /^([a-z][a-z\d+.-]*)(?::|$)/i.exec(`${value}`)?.[1];
    if (scheme === undefined) return;
    this.#parts = dropDefaultPort({ ...this.#parts, scheme: scheme.toLowerCase() });
  }

  get username(): string {
    return encodeUser(this.#parts.user?.name ?? "");
  }

  set username(value: unknown) {
    this.#parts.user = { name: bytesOf(`${value}`), password: this.#parts.user?.password };
  }

  get password(): string {
    return encodeUser(this.#parts.user?.password ?? "");
  }

  set password(value: unknown) {
    const { user } = this.#parts;
    const password = bytesOf(`${value}`);
    if (password !== "") this.#parts.user = { name: user?.name ?? "", password };
    else if (user !== undefined) user.password = undefined;
  }

  get host(): string {
    return this.#parts.host;
  }

  set host(value: unknown) {
    const [name, port] = splitHost(textOf(bytesOf(`${value}`)));
    this.#setHost(name, port === "" ? this.port : port);
  }

  get hostname(): string {
    return splitHost(this.#parts.host)[0];
  }

  set hostname(value: unknown) {
    const [name] = splitHost(textOf(bytesOf(`${value}`)));
    const { port } = this;
    this.#parts.host = port === "" ? name : `${name}:${port}`;
  }

  get port(): string {
    return splitHost(this.#parts.host)[1];
  }

  set port(value: unknown) {
    this.#setHost(this.hostname, `${value}`);
  }

  #setHost(name: string, port: string): void {
    this.#parts.host = joinHost(this.#parts.scheme, name, port);
  }

  get pathname(): string {
    const { scheme } = this.#parts;
    const isRooted = hasOrigin(scheme) || scheme === "file";
    return writePath(this.#parts) || (isRooted ? "/" : "");
  }

  /** What cannot be read changes nothing. */
  set pathname(value: unknown) {
    const text = `${value}`;
    Object.assign(
      this.#parts,
      orUndefined(() => parsePath(text)),
    );
  }

  get search(): string {
    const { list } = this.#parts.query;
    return list.length === 0 ? "" : `?${writeQuery(list)}`;
  }

  set search(value: unknown) {
    const text = `${value}`.replace(/^\?/, "");
    const { query } = this.#parts;
    query.list = orUndefined(() => parseQuery(text)) ?? query.list;
  }

  get searchParams(): LegacySearchParams {
    this.#searchParams ??= searchParamsOf(this.#parts.query);
    return this.#searchParams;
  }

  get hash(): string {
    const { fragment } = this.#parts;
    return fragment === undefined || fragment === "" ? "" : `#${encodeFragment(fragment)}`;
  }

  set hash(value: unknown) {
    this.#parts.fragment = decodeAnyway(`${value}`.replace(/^#/, ""));
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }
}

function parse(text: string, baseText: string | undefined): UrlParts {
  if (baseText === undefined) {
    return orUndefined(() => parseAbsolute(text)) ?? fail("Invalid URL string.");
  }
  const base = orUndefined(() => parseAbsolute(baseText)) ?? fail("Invalid base URL string.");
  const parts = orUndefined(() => parseRelative(text, base));
  return parts ?? fail("Invalid relative URL string.");
}

function fail(message: string): never {
  throw new TypeError(message);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadEscape) return undefined;
    throw error;
  }
}

/** A URL or URLSearchParams of such a date. */
export function isLegacyUrl(value: object): boolean {
  return isUrl(value) || isSearchParams(value);
}

/** The classes as user code sees them, by global name. Called once, when a Worker has such a date. */
export function legacyUrlClasses(): Readonly<Record<"URL" | "URLSearchParams", AnyClass>> {
  reorderMembers(
    "URL",
    "href origin protocol username password host hostname port pathname search searchParams hash toString toJSON",
  );
  defineInterface(LegacyUrl, "URL", { brand: isUrl });
  defineInterface(LegacySearchParams, "URLSearchParams", {
    brand: isSearchParams,
    parameters: {
      append: "string|string",
      delete: "string",
      forEach: "function",
      get: "string",
      getAll: "string",
      has: "string",
      set: "string|string",
    },
    entries: (params) => [...(params as LegacySearchParams)],
  });
  return {
    URL: outsideOf(LegacyUrl, "URL"),
    URLSearchParams: outsideOf(LegacySearchParams, "URLSearchParams"),
  };
}

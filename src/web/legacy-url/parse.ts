/**
 * How URLs were read before `url_standard` (2022-10-31; asked of the real runtime): every scheme has `//`, a
 * host is not normalized beyond its letter case, escapes are decoded and written anew, and what is wrong with
 * a setter's value shows when the URL is written.
 */
import { decode, encodeFragment, encodePath, encodeUser } from "./percent.ts";
import { parseQuery, type Query, writeQuery } from "./query.ts";

/** Parts are bytes (percent.ts), but for scheme and host. */
export interface UrlParts {
  scheme: string;
  user: { name: string; password: string | undefined } | undefined;
  /** With its port. */
  host: string;
  path: readonly string[];
  /** The path ends with a slash. */
  slash: boolean;
  readonly query: Query;
  /** "" differs from none. */
  fragment: string | undefined;
}

const PORTS: Readonly<Record<string, string>> = {
  ftp: "21",
  http: "80",
  https: "443",
  ws: "80",
  wss: "443",
};
const HOST = /^[\w.:[\]-]*$/;
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\//i;

/**
 * @returns undefined if it is none
 * @throws BadEscape
 */
export function parseAbsolute(text: string): UrlParts | undefined {
  if (!ABSOLUTE.test(text)) return undefined;
  const colon = text.indexOf(":");
  return parseLocation(text.slice(0, colon).toLowerCase(), text.slice(colon + 3));
}

/** As parseAbsolute. A scheme alone changes that of the base. */
export function parseRelative(text: string, base: UrlParts): UrlParts | undefined {
  const colon = /^[a-z\d+.-]*:/i.exec(text)?.[0].length ?? 0;
  const scheme = colon === 0 ? base.scheme : text.slice(0, colon - 1);
  const rest = text.slice(colon);
  if (rest.startsWith("//")) return parseLocation(scheme, rest.slice(2));
  const { path, query, fragment } = split(rest);
  const list = query === undefined && path === "" ? base.query.list : parseQuery(query ?? "");
  const kept = text === "" ? base.fragment : undefined;
  return {
    ...base,
    ...pathFrom(path, base),
    scheme,
    query: { list: [...list] },
    fragment: fragment === undefined ? kept : decode(fragment),
  };
}

function pathFrom(path: string, base: UrlParts): Pick<UrlParts, "path" | "slash"> {
  if (path === "") return base;
  if (path.startsWith("/")) return parsePath(path);
  return parsePath(path, base.slash ? base.path : base.path.slice(0, -1));
}

/** @param text what comes after the `//` */
function parseLocation(scheme: string, text: string): UrlParts | undefined {
  const end = /[/?#]/.exec(text)?.index ?? text.length;
  const authority = text.slice(0, end);
  const at = authority.indexOf("@");
  const host = decode(authority.slice(at + 1));
  if (!HOST.test(host)) return undefined;
  const { path, query, fragment } = split(text.slice(end));
  return {
    scheme,
    user: at < 0 ? undefined : parseUser(authority.slice(0, at)),
    host: host.toLowerCase(),
    ...(path === "" ? { path: [], slash: false } : parsePath(path)),
    query: { list: parseQuery(query ?? "") },
    fragment: fragment === undefined ? undefined : decode(fragment),
  };
}

function parseUser(text: string): UrlParts["user"] {
  const colon = text.indexOf(":");
  if (colon < 0) return { name: decode(text), password: undefined };
  return { name: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) };
}

function split(text: string): {
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
} {
  const [, path = "", query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  return { path, query, fragment };
}

/**
 * Empty segments vanish.
 * @throws BadEscape
 */
export function parsePath(
  text: string,
  below: readonly string[] = [],
): Pick<UrlParts, "path" | "slash"> {
  const segments = text.split("/");
  const path = [...below];
  for (const segment of segments) {
    if (segment === "..") path.pop();
    else if (segment !== "" && segment !== ".") path.push(decode(segment));
  }
  return { path, slash: /^\.{0,2}$/.test(segments.at(-1) ?? "") };
}

/** The first colon ends the name, whatever it belongs to. */
export function splitHost(host: string): readonly [name: string, port: string] {
  const colon = host.indexOf(":");
  return colon < 0 ? [host, ""] : [host.slice(0, colon), host.slice(colon + 1)];
}

export function joinHost(scheme: string, name: string, port: string): string {
  return port === "" || port === PORTS[scheme] ? name : `${name}:${port}`;
}

export function dropDefaultPort(parts: UrlParts): UrlParts {
  return { ...parts, host: joinHost(parts.scheme, ...splitHost(parts.host)) };
}

export function hasOrigin(scheme: string): boolean {
  return Object.hasOwn(PORTS, scheme);
}

export function writePath({ path, slash }: Pick<UrlParts, "path" | "slash">): string {
  return path.map((segment) => `/${encodePath(segment)}`).join("") + (slash ? "/" : "");
}

/** @throws TypeError of what setters left behind */
export function writeUrl(parts: UrlParts): string {
  const { scheme, user, host, path, query, fragment } = parts;
  if (!HOST.test(host)) throw new TypeError("Invalid hostname when stringifying URL.");
  if (path.some((segment) => segment === "." || segment === "..")) {
    throw new TypeError("Invalid pathname when stringifying URL.");
  }
  const password = user?.password === undefined ? "" : `:${encodeUser(user.password)}`;
  const who = user === undefined ? "" : `${encodeUser(user.name)}${password}@`;
  const search = query.list.length === 0 ? "" : `?${writeQuery(query.list)}`;
  const hash = fragment === undefined ? "" : `#${encodeFragment(fragment)}`;
  return `${scheme}://${who}${host}${writePath(parts)}${search}${hash}`;
}

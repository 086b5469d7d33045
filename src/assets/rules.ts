/**
 * The rules of `_headers` and `_redirects` at work (spec/assets.md 12.2, 13.2): compiled once per
 * table, asked for every request. Pure.
 */
import type { HeaderRule, RedirectRule } from "../protocol/assets.ts";
import { compilePattern, fillIn } from "./pattern.ts";
import { isStatic } from "./redirects-file.ts";

/** Header name in lower case -> value. */
export type HeaderMap = Map<string, string>;

/** Path as sent, and the host that it was sent to, without port. */
export interface RequestPath {
  readonly pathname: string;
  readonly hostname: string;
}

export type ApplyHeaders = (at: RequestPath, headers: HeaderMap) => void;

/** What a request is to be answered with, where a rule says so. */
export interface MatchedRedirect {
  readonly status: number;
  /** Filled in: a path of this site, with query and fragment, or an absolute URL. */
  readonly to: string;
}

export function compileHeaders(rules: readonly HeaderRule[]): ApplyHeaders {
  const compiled = rules.flatMap((rule) => {
    const pattern = compilePattern(rule.path);
    return pattern === undefined ? [] : [{ rule, pattern, hasHost: !rule.path.startsWith("/") }];
  });
  return ({ pathname, hostname }, headers) => {
    const isSet = new Set<string>();
    for (const { rule, pattern, hasHost } of compiled) {
      const match = pattern.exec(hasHost ? `https://${hostname}${pathname}` : pathname);
      if (match === null) continue;
      for (const name of rule.unset) headers.delete(name);
      for (const [name, template] of rule.set) {
        const value = fillIn(template, match.groups ?? {});
        const earlier = isSet.has(name) ? headers.get(name) : undefined;
        headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
        isSet.add(name);
      }
    }
  };
}

export function compileRedirects(
  rules: readonly RedirectRule[],
): (pathname: string) => MatchedRedirect | undefined {
  const statics = new Map<string, RedirectRule>();
  const dynamics: { readonly rule: RedirectRule; readonly pattern: RegExp }[] = [];
  for (const rule of rules) {
    if (isStatic(rule.from) && dynamics.length === 0) statics.set(rule.from, rule);
    else {
      const pattern = compilePattern(rule.from);
      if (pattern !== undefined) dynamics.push({ rule, pattern });
    }
  }
  return (pathname) => {
    const exact = statics.get(pathname);
    if (exact !== undefined) return exact;
    for (const { rule, pattern } of dynamics) {
      const match = pattern.exec(pathname);
      if (match !== null) {
        return { status: rule.status, to: oneSlash(fillIn(rule.to, match.groups ?? {})) };
      }
    }
    return undefined;
  };
}

/** What was put into a path of this site must not make it another host's. */
function oneSlash(to: string): string {
  if (!to.startsWith("/")) return to;
  const end = to.search(/[?#]/);
  const path = end === -1 ? to : to.slice(0, end);
  return path.replace(/[/\\]+/g, "/") + to.slice(path.length);
}

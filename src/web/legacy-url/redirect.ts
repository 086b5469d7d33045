/**
 * The Location of `Response.redirect` (spec/platform.md 5). Before `response_redirect_url_standard`
 * (2023-03-14) a URL is read as legacy-url/parse.ts reads it, but all that it escapes stays as it was written.
 */
import { httpCompat } from "../compat.ts";
import { bytesOf, textOf } from "./percent.ts";

const WRITTEN = /^([a-z][a-z\d+.-]*:\/\/)([^/?#@]*@)?([\w.:[\]-]*)(\/[^?#]*)?([?#].*)?$/is;

/** @throws TypeError in production's words */
export function redirectLocation(url: string): string {
  if (httpCompat().standardRedirects) {
    if (URL.canParse(url)) return new URL(url).href;
    throw new TypeError(`Unable to parse URL: ${url}`);
  }
  const parts = WRITTEN.exec(url);
  if (parts === null) throw new TypeError(`Unable to parse URL: ${url}`);
  if (/[\r\n\0]/.test(url)) {
    throw new TypeError(`Redirect URL cannot contain '\\r', '\\n', or '\\0': ${url}`);
  }
  const [, scheme = "", user = "", host = "", path = "", rest = ""] = parts;
  const place = `${scheme.toLowerCase()}${user}${host.toLowerCase()}`;
  return textOf(bytesOf(`${place}${withoutDots(path)}${rest}`));
}

function withoutDots(path: string): string {
  if (path === "") return "";
  const kept: string[] = [];
  const segments = path.slice(1).split("/");
  const last = segments.length - 1;
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === "." || segment === "..";
    if (segment === "..") kept.pop();
    if (!isDots) kept.push(segment);
    else if (index === last) kept.push("");
  }
  return `/${kept.join("/")}`;
}

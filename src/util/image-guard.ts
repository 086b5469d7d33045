/**
 * What the router keeps from the image addresses of frameworks, so that a site does not serve whatever
 * another one has (spec/assets.md 6): `/_next/image` that fetches from elsewhere must answer with an
 * image, `/_image` may not name another host, unless a page of the site shows it as an image. For what
 * goes to the user Worker only. Pure: in the host for requests, in a Worker's thread for bindings.
 */

/** "refuse": 403 before the Worker runs. "check": 403 instead of what is no image. */
export type ImageGuard = "none" | "refuse" | "check";

/** The body of the 403. */
export const BLOCKED = "Blocked";

/** `destination`: the header Sec-Fetch-Dest. */
export function imageGuard(method: string, url: URL, destination: string): ImageGuard {
  const { pathname, searchParams } = url;
  const isShown = destination === "image";
  if (pathname.endsWith("/_next/image")) {
    const source = searchParams.get("url") ?? "";
    const isOwn = source === "" || source.startsWith("/");
    return isOwn || (isShown && method === "GET") ? "none" : "check";
  }
  if (pathname !== "/_image" || isShown) return "none";
  const source = searchParams.get("href") ?? "";
  if (!source.startsWith("//") || !URL.canParse(source, url.href)) return "none";
  return new URL(source, url).hostname === url.hostname ? "none" : "refuse";
}

/** `contentType`: all values of the header, "" if there is none. */
export function isImage(status: number, contentType: string): boolean {
  if (status === 304) return true;
  return !contentType.includes(",") && /^(?:image\/|text\/plain(?:;|$))/.test(contentType);
}

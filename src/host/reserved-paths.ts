/**
 * `/cdn-cgi/*`: paths that drover answers or guards itself. Any web page may make a browser send
 * requests to a local port; the guard lets only pages and clients that address this machine by a
 * local name reach them (spec/wrangler.md 1.7).
 */
import type { StatusPage } from "../protocol/status-page.ts";
import { hostnameOf } from "./routing.ts";

export const RESERVED_PREFIX = "/cdn-cgi/";

/** The text of the 403, or undefined where the request may pass. */
export function refuseReserved(
  host: string,
  origin: string,
  configuredHosts: readonly string[],
): string | undefined {
  const configured = configuredHosts.map(hostnameOf);
  if (!isLocalName(hostnameOf(host), configured)) return "Invalid Host header";
  if (origin === "") return undefined;
  if (!URL.canParse(origin)) return "Invalid Origin header";
  return isLocalName(new URL(origin).hostname, configured) ? undefined : "Invalid Origin header";
}

/** JSON of the status page. */
export function renderStatus(page: StatusPage): string {
  return `${JSON.stringify(page, null, 2)}\n`;
}

function isLocalName(name: string, configured: readonly string[]): boolean {
  return (
    name === "localhost" ||
    name === "127.0.0.1" ||
    name === "[::1]" ||
    name.endsWith(".localhost") ||
    configured.includes(name)
  );
}

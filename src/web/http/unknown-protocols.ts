/**
 * URLs of other schemes than http and https before `fetch_refuses_unknown_protocols` (2021-11-10): they are fetched as if they were
 * http, with a warning (asked of the real runtime). And ports that are not kept when deployed. Used by fetch.ts.
 */
import { logRuntime } from "../../isolate/log.ts";
import { httpCompat } from "../compat.ts";

const OF_WEB_SOCKETS =
  " Note that fetch() treats WebSockets as a special kind of HTTP request, therefore WebSockets should use 'http:'/'https:', not 'ws:'/'wss:'.";
const HINTS: ReadonlyMap<string, string> = new Map([
  ["ftp:", " fetch() does not support the FTP protocol."],
  ["ws:", OF_WEB_SOCKETS],
  ["wss:", OF_WEB_SOCKETS],
]);

export function isHttp({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

export function isTakenForHttp({ host }: URL): boolean {
  return host !== "" && !httpCompat().refusesProtocols;
}

/** Before `allow_custom_ports` (2024-09-02) a deployed Worker is not where it asks for: wrangler's warning. */
export function checkPort(text: string): void {
  if (httpCompat().keepsPorts || !text.startsWith("https:") || !URL.canParse(text)) return;
  const { port, href } = new URL(text);
  if (port === "") return;
  logRuntime(
    "warn",
    `known issue with \`fetch()\` requests to custom HTTPS ports in published Workers:\n - ${href} - the custom port will be ignored when the Worker is published using the \`wrangler deploy\` command.`,
    `port of ${href}`,
  );
}

/** Where a request to `url` goes. */
export function httpUrlOf(url: URL): URL {
  if (isHttp(url)) return url;
  const { protocol, href } = url;
  logRuntime(
    "warn",
    `Worker passed an invalid URL to fetch(). URLs passed to fetch() must begin with either 'http:' or 'https:', not '${protocol}'. Due to a historical bug, any other protocol used here will be treated the same as 'http:'. We plan to correct this bug in the future, so please update your Worker to use 'http:' or 'https:' for all fetch() URLs.${HINTS.get(protocol) ?? ""}`,
    `fetch of ${protocol}`,
  );
  return new URL(`http:${href.slice(protocol.length)}`);
}

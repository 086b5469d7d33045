/**
 * Which Worker a request is for: `<worker>.localhost` names it, everything else goes to the
 * primary (issue 2 "Front door"). Pure; the front door caches the answers per Host header.
 */

const LOCALHOST_SUFFIX = ".localhost";

export type Route =
  /** `host`: what the Worker sees, if the request's routes decided. */
  | { readonly type: "worker"; readonly name: string; readonly host?: string }
  /** A name under .localhost that no Worker has. */
  | { readonly type: "unknown"; readonly name: string }
  /** No URL can have this host. */
  | { readonly type: "invalid"; readonly name: "" };

/** What would end a host name, or is not allowed in one, though a URL parser would go on. */
const NOT_IN_HOST = /[\s/?#@\\]/;

/** `host` is the Host header as sent, port included. */
export function routeHost(host: string, workers: ReadonlySet<string>, primary: string): Route {
  if (host !== "" && (NOT_IN_HOST.test(host) || !URL.canParse(`http://${host}`))) {
    return { type: "invalid", name: "" };
  }
  const name = hostnameOf(host);
  if (!name.endsWith(LOCALHOST_SUFFIX)) return { type: "worker", name: primary };
  const label = name.slice(0, -LOCALHOST_SUFFIX.length);
  // Host names are case-insensitive, Worker names need not be lower-case.
  for (const worker of workers) {
    if (worker.toLowerCase() === label) return { type: "worker", name: worker };
  }
  return { type: "unknown", name: label };
}

/** Names of this machine, which say nothing of what the request is for. */
export function isUnnamed(name: string): boolean {
  return name === "" || name === "localhost" || name === "127.0.0.1" || name === "[::1]";
}

/** Lower-case name of a Host header, without port and final dot; IPv6 keeps its brackets. */
export function hostnameOf(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  const name = end > 0 ? host.slice(0, end) : host;
  return (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
}

/** Port of a Host header with its colon, "" where it has none. */
export function portSuffixOf(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  return end > 0 ? host.slice(end) : "";
}

/**
 * Maps headers between the address that a client uses (`localhost:8787`) and the host that a Worker
 * is configured for (`--host`, `dev.host`, its first route), as wrangler does: origins of whole URLs
 * in header values, `Host`, and the `Domain` of cookies; never bodies, never what stands in the
 * query of a URL (spec/wrangler.md 1.7). Main thread of the host; front-door.ts makes one a request.
 */
import { hostnameOf } from "./routing.ts";

interface Address {
  /** `https:` */
  readonly protocol: string;
  /** With port, as in a Host header. */
  readonly host: string;
}

/** A URL up to what ends it in a header value; one in its query is part of it. */
const URLS = /https?:\/\/[^\s<>"',;]+/gi;

export class HostMap {
  readonly #client: Address;
  readonly #worker: Address;

  /** @param client where the request came to, @param worker what the Worker is to see instead */
  constructor(client: Address, worker: Address) {
    this.#client = client;
    this.#worker = worker;
  }

  /** Headers of a request (protocol/http.ts) as the Worker sees them. */
  toWorker(headers: string): string {
    return mapHeaders(headers, (name, value) =>
      name.toLowerCase() === "host"
        ? this.#worker.host
        : mapUrls(value, this.#client, this.#worker),
    );
  }

  /** Headers of the Worker's answer as the client sees them. */
  toClient(headers: string): string {
    // Most answers name no host.
    if (!headers.toLowerCase().includes(hostnameOf(this.#worker.host))) return headers;
    return mapHeaders(headers, (name, value) =>
      name.toLowerCase() === "set-cookie"
        ? this.#mapCookie(value)
        : mapUrls(value, this.#worker, this.#client),
    );
  }

  #mapCookie(cookie: string): string {
    const own = hostnameOf(this.#worker.host);
    return cookie.replace(
      /(;\s*domain=)\.?([^;]*)/gi,
      (whole, attribute: string, domain: string) =>
        domain.trim().toLowerCase() === own ? attribute + hostnameOf(this.#client.host) : whole,
    );
  }
}

function mapHeaders(headers: string, map: (name: string, value: string) => string): string {
  if (headers === "") return headers;
  const fields = headers.split("\n");
  for (let i = 0; i + 1 < fields.length; i += 2) {
    fields[i + 1] = map(fields[i] as string, fields[i + 1] as string);
  }
  return fields.join("\n");
}

function mapUrls(value: string, from: Address, to: Address): string {
  if (!value.includes("://")) return value;
  return value.replace(URLS, (url) => {
    const [origin = ""] = /^https?:\/\/[^/?#]*/i.exec(url) ?? [];
    if (!isAt(origin, from)) return url;
    return `${to.protocol}//${to.host}${url.slice(origin.length)}`;
  });
}

/** Whatever the protocol says: wrangler maps both. A default port counts as none. */
function isAt(origin: string, { protocol, host }: Address): boolean {
  if (!URL.canParse(origin) || origin.includes("@")) return false;
  const url = new URL(origin);
  return url.host === host.toLowerCase() || url.host === new URL(`${protocol}//${host}`).host;
}

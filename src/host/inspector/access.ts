/**
 * Who may use the inspector: whoever can evaluate code in a Worker can do what its user can, so no
 * web page may, not even by a name of its own that leads here (spec/devtools-types.md 1, "Upgrade").
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

export interface Refused {
  readonly status: 400 | 401;
  readonly message: string;
}

const LOCAL = ["127.0.0.1", "[::1]", "localhost"];
/** Where Cloudflare serves the front end of DevTools from. */
const FRONT_ENDS = [
  /^devtools\.devprod\.cloudflare\.dev$/,
  /^(?:[^.]+\.)?cloudflare-devtools\.pages\.dev$/,
  /^(?:[^.]+-)?cloudflare-devtools\.devprod\.workers\.dev$/,
];

/** Undefined: come in. `isOpen`: the inspector listens beyond this machine, so any address may be asked. */
export function refusal(
  { headers }: Pick<IncomingMessage, "headers">,
  { isUpgrade, isOpen }: { readonly isUpgrade: boolean; readonly isOpen: boolean },
): Refused | undefined {
  const { host, origin } = headers;
  if (host === undefined) return { status: 400, message: "Expected `Host` header" };
  const hostname = hostnameOf(`ws://${host}`);
  if (!LOCAL.includes(hostname) && !(isOpen && isAddress(hostname))) {
    return { status: 401, message: "Disallowed `Host` header" };
  }
  if (origin !== undefined) {
    return isAllowedOrigin(origin)
      ? undefined
      : { status: 401, message: "Disallowed `Origin` header" };
  }
  // Programs say neither; a browser that hides where a page comes from still says who it is.
  if (isUpgrade && headers["user-agent"] !== undefined) {
    return { status: 400, message: "Expected `Origin` header" };
  }
  return undefined;
}

function isAllowedOrigin(origin: string): boolean {
  if (/^devtools:/.test(origin)) return true;
  const hostname = hostnameOf(origin);
  return LOCAL.includes(hostname) || FRONT_ENDS.some((pattern) => pattern.test(hostname));
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

/** "" for what is no URL. */
function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : "";
}

/** Addresses as the user writes them, and how this machine reaches a server that listens on one. */
import { isIP } from "node:net";

/** `[::1]`, as in URLs, without its brackets. */
export function bareAddress(ip: string): string {
  return ip.replace(/^\[(.*)\]$/, "$1");
}

/**
 * The IP address to connect to for a server that listens on `ip`: names below .localhost do not
 * resolve on every machine, and "any address" is no address to connect to.
 */
export function connectAddress(ip: string): string {
  const bare = bareAddress(ip);
  if (bare === "::") return "::1";
  return isIP(bare) !== 0 && bare !== "0.0.0.0" ? bare : "127.0.0.1";
}

/** Where a session is reached, as its Ready line says. Pure. */
import type { ReadyInfo } from "./events.ts";

/** `names`: of all Workers, the primary first. */
export function addressOf(
  protocol: ReadyInfo["protocol"],
  ip: string,
  port: number,
  names: readonly string[],
): ReadyInfo {
  const shown = ip.includes(":") ? `[${ip}]` : ip === "*" ? "0.0.0.0" : ip;
  const url = `${protocol}://${shown}:${port}`;
  const workers = names.map((name, index) => ({
    name,
    url: index === 0 ? url : `${protocol}://${name}.localhost:${port}`,
  }));
  return { protocol, ip, port, url, workers };
}

/** Where a session is reached, as its Ready line says. Pure. */
import type { ReadyInfo } from "./events.ts";

/** `names`: of all Workers, the primary first. `ports`: of those that have one of their own. */
export function addressOf(
  protocol: ReadyInfo["protocol"],
  ip: string,
  port: number,
  names: readonly string[],
  ports: Readonly<Record<string, number>> = {},
): ReadyInfo {
  const shown = ip.includes(":") ? `[${ip}]` : ip === "*" ? "0.0.0.0" : ip;
  const at = (where: number): string => `${protocol}://${shown}:${where}`;
  const url = at(port);
  const workers = names.map((name, index) => {
    const own = Object.hasOwn(ports, name) ? ports[name] : undefined;
    if (own !== undefined) return { name, url: at(own) };
    return { name, url: index === 0 ? url : `${protocol}://${name}.localhost:${port}` };
  });
  return { protocol, ip, port, url, workers };
}

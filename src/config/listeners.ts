/** `connect[]` of a config: raw TCP listeners, delivered to the Worker's `connect` handler. */
import { isTable } from "./document.ts";
import { array, choice, number, object, type Schema, string } from "./schema.ts";
import type { TcpListener } from "./types.ts";

export const listenersSchema: Schema = array(
  object({ protocol: choice("tcp"), port: number, address: string }, "protocol", "port"),
);

/** Of a checked section. */
export function listenersOf(section: unknown): TcpListener[] {
  if (!Array.isArray(section)) return [];
  return section.filter(isTable).map(({ port, address }) => ({
    port: Number(port),
    address: typeof address === "string" ? address : undefined,
  }));
}

/** `net.isIP`: Node's own, which is pure. */
import { hostModule } from "../../isolate/own-world.ts";

/** 4, 6, or 0 for what is no address. */
export function isIP(text: string): number {
  const { isIP: native } = hostModule("net") as typeof import("node:net");
  return native(text);
}

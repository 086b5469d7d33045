/**
 * Where drover keeps what it can make again (compiled code of the runtime, its own certificate):
 * the user's cache folder of this platform. Not created here.
 */
import { homedir } from "node:os";
import { join } from "node:path";

export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "drover");
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "drover", "cache");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "drover");
  return join(homedir(), ".cache", "drover");
}

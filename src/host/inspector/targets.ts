/** `/json/list`: a target per Worker, in the words that clients know (spec/devtools-types.md 1 and 4). */
import { createHash } from "node:crypto";

const FRONT_END =
  "https://devtools.devprod.cloudflare.dev/js_app?theme=systemPreferred&debugger=true&ws=";

/**
 * `workers`: the one that clients take when nobody tells them another comes first. `host`: as the
 * client asked for it. `session`: the same for as long as the session lives, host processes or not.
 */
export function targetList(workers: readonly string[], host: string, session: number): object[] {
  return workers.map((worker) => {
    const path = `${host}/${encodeURIComponent(worker)}`;
    return {
      id: targetId(session, worker),
      type: "node",
      description: "workers",
      webSocketDebuggerUrl: `ws://${path}`,
      devtoolsFrontendUrl: FRONT_END + path,
      devtoolsFrontendUrlCompat: FRONT_END + path,
      title: workers.length === 1 ? "Cloudflare Worker" : `Cloudflare Worker: ${worker}`,
      faviconUrl: "https://workers.cloudflare.com/favicon.ico",
    };
  });
}

function targetId(session: number, worker: string): string {
  const hex = createHash("sha256").update(`${session} ${worker}`).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

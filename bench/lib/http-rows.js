/** Requests per second on paths of a server, and of a bare one: what the HTTP cases share. */
import { createServer } from "node:http";
import { load } from "./load.js";
import { median } from "./stats.js";

const SAMPLES = 3;

/**
 * @param {string} url origin of the server
 * @param {[what: string, path: string][]} paths
 */
export async function httpRows(url, paths) {
  const rows = [];
  for (const [what, path] of paths) {
    const samples = [];
    for (let i = 0; i < SAMPLES; i++) {
      const result = await load(`${url}${path}`);
      if (result.failures > 0) throw new Error(`${result.failures} failures on ${path}`);
      samples.push(result.perSecond);
    }
    rows.push({ what, unit: "/s", value: median(samples) });
  }
  return rows;
}

/** A bare node:http server in this process, under the same load. */
export async function bareServer() {
  const server = createServer((_request, response) => response.end("hello"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const { perSecond } = await load(`http://127.0.0.1:${port}/`);
  server.closeAllConnections();
  server.close();
  return { what: "bare node:http", unit: "/s", value: perSecond };
}

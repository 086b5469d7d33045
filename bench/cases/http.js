import { createServer } from "node:http";
import { startDev } from "../lib/dev-server.js";
import { load } from "../lib/load.js";
import { copyProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "HTTP, 16 connections";

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  try {
    const rows = [];
    for (const [what, path] of [
      ["plain text", "/"],
      ["binding fetch per request", "/fetch"],
      ["one RPC call per request", "/rpc"],
    ]) {
      const samples = [];
      for (let i = 0; i < 3; i++) {
        const result = await load(`${server.url}${path}`);
        if (result.failures > 0) throw new Error(`${result.failures} failures on ${path}`);
        samples.push(result.perSecond);
      }
      rows.push({ what, unit: "/s", value: median(samples) });
    }
    return rows;
  } finally {
    await server.stop();
    project.remove();
  }
}

/** A bare node:http server in this process, under the same load. */
export async function baseline() {
  const server = createServer((_request, response) => response.end("hello"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const { perSecond } = await load(`http://127.0.0.1:${port}/`);
  server.closeAllConnections();
  server.close();
  return { what: "bare node:http", unit: "/s", value: perSecond };
}

import { createServer } from "node:http";
import { startDev } from "../lib/dev-server.js";
import { load } from "../lib/load.js";
import { copyProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "Bodies of 1 MB, 16 connections";

const MB = 1024 * 1024;
const rows = [
  { what: "streamed answer", path: "/stream-body", options: {} },
  { what: "upload read and sent back", path: "/echo-body", options: { upload: MB } },
];

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  try {
    const results = [];
    for (const { what, path, options } of rows) {
      const samples = [];
      for (let i = 0; i < 3; i++) {
        const { perSecond, failures } = await load(`${server.url}${path}`, options);
        if (failures > 0) throw new Error(`${failures} failures on ${path}`);
        samples.push(perSecond);
      }
      results.push({ what, unit: "/s", value: median(samples) });
    }
    return results;
  } finally {
    await server.stop();
    project.remove();
  }
}

/** The same bodies from a bare node:http server in this process. */
export async function baseline() {
  const chunk = Buffer.alloc(65536);
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      for (let i = 0; i < 16; i++) response.write(chunk);
      response.end();
      return;
    }
    const chunks = [];
    request.on("data", (data) => chunks.push(data));
    request.on("end", () => response.end(Buffer.concat(chunks)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const values = {};
  for (const { what, path, options } of rows) {
    const url = `http://127.0.0.1:${server.address().port}${path}`;
    values[what] = (await load(url, options)).perSecond;
  }
  server.closeAllConnections();
  server.close();
  const [first] = rows;
  return { what: "bare node:http", unit: "/s", value: values[first.what], rows: values };
}

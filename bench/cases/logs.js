import { startDev } from "../lib/dev-server.js";
import { bareServer } from "../lib/http-rows.js";
import { load } from "../lib/load.js";
import { copyProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "What traces and JSON logs cost, of requests per second";

const VARIANTS = {
  without: [],
  "--trace": ["--trace"],
  "--log-format json": ["--log-format", "json"],
};
const ROUNDS = 7;

/**
 * All variants run at once and are asked in turn: what the machine does besides hits them alike.
 * @param {string[]} command
 */
export async function run(command) {
  const project = copyProject();
  const servers = [];
  for (const args of Object.values(VARIANTS)) {
    servers.push(
      await startDev(command, project.configs, { args: [...args, "--inspector-port=0"] }),
    );
  }
  try {
    const rows = [];
    for (const [what, path] of [
      ["plain text", "/"],
      ["one RPC call per request", "/rpc"],
    ]) {
      const samples = servers.map(() => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [index, { url }] of servers.entries()) {
          samples[index].push((await load(`${url}${path}`)).perSecond);
        }
      }
      for (const [index, name] of Object.keys(VARIANTS).entries()) {
        rows.push({ what: `${what}, ${name}`, unit: "/s", value: median(samples[index]) });
      }
    }
    return rows;
  } finally {
    for (const server of servers) await server.stop();
    project.remove();
  }
}

export const baseline = bareServer;

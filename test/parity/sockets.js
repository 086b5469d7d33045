/*
 * npm run parity -- sockets [--record]
 *
 * What `cloudflare:sockets` and node modules on it do on the real runtime (conformance/workers/tcp.js,
 * node-net.js, node-http.js), compared with what is recorded in test/integration/runtime/expected, or written there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { PLATFORM_DATES } from "../conformance/topologies.js";
import { startWorkerd } from "./workerd.js";

const expected = new URL("../integration/runtime/expected/", import.meta.url);

/** @param {readonly string[]} args @returns {Promise<number>} how many scenes differ */
export async function socketParity(args) {
  // Types only: Node 24 runs it as it is; Node 20 is not what parity is recorded with.
  const { portsOf, tcpServers, withoutPorts } = await import("../helpers/tcp-servers.ts");
  let different = 0;
  for (const name of ["tcp", "node-net", "node-http"]) {
    const servers = await tcpServers();
    const topology = [{ name, main: `${name}.js`, services: {} }];
    const workerd = await startWorkerd(topology, "newest", PLATFORM_DATES.newest);
    const text = await (await fetch(`${workerd.url}/${portsOf(servers)}`)).text();
    const said = JSON.parse(withoutPorts(text, servers));
    await workerd.stop();
    await servers[Symbol.asyncDispose]();
    const file = new URL(`${name}.json`, expected);
    if (args.includes("--record")) writeFileSync(file, `${JSON.stringify(said, null, 2)}\n`);
    const recorded = JSON.parse(readFileSync(file, "utf8"));
    for (const [title, lines] of Object.entries(said)) {
      if (JSON.stringify(lines) === JSON.stringify(recorded[title])) continue;
      different += 1;
      console.log(`${name}: ${title}\n    ${lines.join("\n    ")}`);
    }
  }
  return different;
}

/*
 * npm run parity -- sockets [--record]
 *
 * What `cloudflare:sockets` does on the real runtime (conformance/workers/tcp.js), compared with what
 * is recorded in test/integration/runtime/expected/sockets.json, or written there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { PLATFORM_DATES } from "../conformance/topologies.js";
import { startWorkerd } from "./workerd.js";

const file = new URL("../integration/runtime/expected/sockets.json", import.meta.url);
const TCP = [{ name: "tcp", main: "tcp.js", services: {} }];

/** @param {readonly string[]} args @returns {Promise<number>} how many scenes differ */
export async function socketParity(args) {
  // Types only: Node 24 runs it as it is; Node 20 is not what parity is recorded with.
  const { tcpServers, withoutPorts } = await import("../helpers/tcp-servers.ts");
  const servers = await tcpServers();
  const workerd = await startWorkerd(TCP, "newest", PLATFORM_DATES.newest);
  const { echo, fin, reset, closed } = servers;
  const query = `?echo=${echo}&fin=${fin}&reset=${reset}&closed=${closed}`;
  const text = await (await fetch(`${workerd.url}/${query}`)).text();
  const said = JSON.parse(withoutPorts(text, servers));
  await workerd.stop();
  await servers[Symbol.asyncDispose]();
  if (args.includes("--record")) {
    writeFileSync(file, `${JSON.stringify(said, null, 2)}\n`);
    return 0;
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  let different = 0;
  for (const [title, lines] of Object.entries(said)) {
    if (JSON.stringify(lines) === JSON.stringify(recorded[title])) continue;
    different += 1;
    console.log(`${title}\n    ${lines.join("\n    ")}`);
  }
  return different;
}

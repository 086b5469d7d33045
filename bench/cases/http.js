import { startDev } from "../lib/dev-server.js";
import { bareServer, httpRows } from "../lib/http-rows.js";
import { copyProject } from "../lib/project.js";

export const title = "HTTP, 16 connections";

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  try {
    return await httpRows(server.url, [
      ["plain text", "/"],
      ["binding fetch per request", "/fetch"],
      ["one RPC call per request", "/rpc"],
    ]);
  } finally {
    await server.stop();
    project.remove();
  }
}

export const baseline = bareServer;

import { startDev } from "../lib/dev-server.js";
import { bareServer, httpRows } from "../lib/http-rows.js";
import { writeProject } from "../lib/project.js";

export const title = "node:http behind httpServerHandler, 16 connections";

const WORKER = `
import { httpServerHandler } from "cloudflare:node";
import { createServer } from "node:http";
const server = createServer((request, response) => {
  if (request.url === "/stream") {
    response.write("hel");
    response.end("lo");
  } else response.writeHead(200, { "content-type": "text/plain" }).end("hello");
});
export default httpServerHandler(server);
`;

/** @param {string[]} command */
export async function run(command) {
  const project = writeProject({ name: "node-http", compatibility_date: "2026-11-17" }, WORKER);
  const server = await startDev(command, project.configs);
  try {
    return await httpRows(server.url, [
      ["writeHead and end", "/"],
      ["write and end", "/stream"],
    ]);
  } finally {
    await server.stop();
    project.remove();
  }
}

export const baseline = bareServer;

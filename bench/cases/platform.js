import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { startDev } from "../lib/dev-server.js";
import { writeProject } from "../lib/project.js";
import { socketLoad } from "../lib/socket-load.js";
import { perRound } from "../lib/stats.js";

export const title = "The platform: WebSockets of a Worker, digests";

const ROUNDS = 30_000;
const SOCKETS = [
  { sockets: 1, inFlight: 1 },
  { sockets: 20, inFlight: 10 },
];
const named = ({ sockets, inFlight }) =>
  `messages echoed, ${sockets} socket${sockets === 1 ? "" : "s"}, ${inFlight} at a time`;
const DIGEST = 'crypto.subtle.digest("SHA-256") of 1 KB';

const WORKER = `
const bytes = new Uint8Array(1024);
export default { async fetch(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/socket") {
    const pair = new WebSocketPair();
    pair[0].accept();
    pair[0].addEventListener("message", ({ data }) => pair[0].send(data));
    return new Response(null, { status: 101, webSocket: pair[1] });
  }
  for (let n = Number(searchParams.get("n")); n > 0; n -= 1) await crypto.subtle.digest("SHA-256", bytes);
  return new Response("done");
} };`;

const rate = async (request) => 1000 / (await perRound(request, ROUNDS));

/** @param {string[]} command */
export async function run(command) {
  const project = writeProject(
    { name: "bench-platform", compatibility_date: "2026-08-22" },
    WORKER,
  );
  const server = await startDev(command, project.configs);
  try {
    const rows = [];
    for (const load of SOCKETS) {
      const value = await socketLoad(`${server.url}/socket`, load);
      rows.push({ what: named(load), unit: "/s", value });
    }
    const value = await rate(async (n) => {
      const text = await (await fetch(`${server.url}/?n=${n}`)).text();
      if (text !== "done") throw new Error(text.slice(0, 500));
    });
    rows.push({ what: DIGEST, unit: "/s", value });
    return rows;
  } finally {
    await server.stop();
    project.remove();
  }
}

/** Package `ws` on a bare HTTP server, and Node's own digests. */
export async function baseline() {
  const { WebSocketServer } = createRequire(import.meta.url)("ws");
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.on("message", (data) => socket.send(String(data)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${server.address().port}/socket`;
  const rows = {};
  for (const load of SOCKETS) rows[named(load)] = await socketLoad(url, load);
  server.closeAllConnections();
  server.close();
  const bytes = new Uint8Array(1024);
  rows[DIGEST] = await rate(async (n) => {
    for (let i = 0; i < n; i++) await crypto.subtle.digest("SHA-256", bytes);
  });
  const [first] = SOCKETS;
  return { what: "ws and Node", unit: "/s", value: rows[named(first)], rows };
}

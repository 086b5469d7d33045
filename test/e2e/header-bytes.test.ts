import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* Point 12 of spec/platform.md 21: what is on the wire of a header value beyond latin1, both ways. */

const WORKER = `
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const headers = { "x-sent": "é日" };
    const response = await fetch(searchParams.get("origin"), { headers });
    const read = [request.headers.get("x-given"), response.headers.get("x-answer")];
    return Response.json(read, { headers });
  },
};`;

/** All that comes until the other side closes. */
async function exchange(port: number, text: string): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(text);
  await once(socket, "close");
  return Buffer.concat(chunks);
}

test("header values are UTF-8 on the wire and the same string in the Worker", async () => {
  let sent = Buffer.alloc(0);
  const origin = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (chunk) => {
      sent = chunk;
      socket.end(
        "HTTP/1.1 200 OK\r\nx-answer: é日\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
      );
    });
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const { port } = origin.address() as AddressInfo;
  await using project = await tempProject({
    "wrangler.json": config("app"),
    "src/index.ts": WORKER,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const at = new URL(dev.url);
  const path = `/?origin=${encodeURIComponent(`http://127.0.0.1:${port}/`)}`;
  const head = `GET ${path} HTTP/1.1\r\nhost: ${at.host}\r\nx-given: é日\r\nconnection: close\r\n\r\n`;
  const answer = await exchange(Number(at.port), head);
  expect(sent.includes(Buffer.from("x-sent: é日\r\n"))).toBe(true);
  expect(answer.includes(Buffer.from("x-sent: é日\r\n"))).toBe(true);
  expect(answer.toString()).toContain('["é日","é日"]');
  origin.close();
});

import { expect, test } from "vitest";
import { ToFrontDoor, ToWorker } from "../../../src/protocol/http.ts";
import { TestHost } from "./harness.ts";

const SERVER = `
import { httpServerHandler } from "cloudflare:node";
import http from "node:http";
const server = http.createServer((request, response) => {
  if (request.url === "/endless") {
    response.on("close", () => console.log("closed", response.writableFinished));
    const more = () => {
      if (response.destroyed) return;
      if (response.write(Buffer.alloc(32 * 1024, "x"))) more();
      else response.once("drain", more);
    };
    more();
  } else if (request.url === "/upload") {
    let bytes = 0;
    request.on("data", (chunk) => { bytes += chunk.length; });
    request.on("end", () => response.end(String(bytes)));
  } else if (request.url === "/copy") {
    request.pipe(response);
  } else response.end("hello");
});
export default httpServerHandler(server);
`;

test("a response waits for its client, and ends when the client leaves", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: SERVER });
  const request = worker.open("/endless");
  request.autoCredit = false;
  await request.message(ToFrontDoor.bodyChunk);
  // Anything else that the thread had to say is said before the answer to another request.
  await worker.fetch("/");
  const chunks = request.messages.filter(([op]) => op === ToFrontDoor.bodyChunk);
  const sent = chunks.reduce((sum, message) => sum + (message[2] as Uint8Array).byteLength, 0);
  expect(sent).toBe(256 * 1024);
  request.send(ToWorker.abort);
  await worker.log((entry) => JSON.stringify(entry).includes("closed false"));
  await request.finished;
});

test("a request body is read as it comes, with credit for what was read", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: SERVER });
  const request = worker.open("/upload", { method: "POST", body: 1 });
  for (let i = 0; i < 4; i += 1) request.send(ToWorker.bodyChunk, new Uint8Array(64 * 1024));
  await request.message(ToFrontDoor.requestCredit);
  request.send(ToWorker.bodyEnd);
  expect((await request.answer).text).toBe(String(256 * 1024));
});

test("a request that is piped into its response comes back whole", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: SERVER });
  const body = "äöü€".repeat(50_000);
  const answer = await worker.fetch("/copy", { method: "POST", body });
  expect(answer.text).toBe(body);
});

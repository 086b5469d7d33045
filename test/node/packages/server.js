/** What the packages call: a store of objects, a payment service and a model, on loopback. */
import { createServer } from "node:http";

const objects = new Map();

/** @returns {Promise<{ origin: string, close(): void }>} */
export async function packageServer() {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { pathname } = new URL(request.url, "http://server");
    if (pathname === "/v1/customers") {
      const email = new URLSearchParams(body).get("email");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "cus_1", object: "customer", email }));
    } else if (pathname === "/v1/chat/completions") {
      response.setHeader("content-type", "text/event-stream");
      for (const content of ["one ", "two ", "three"]) {
        const chunk = {
          id: "c",
          object: "chat.completion.chunk",
          choices: [{ index: 0, delta: { content } }],
        };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      }
      response.end("data: [DONE]\n\n");
    } else if (pathname.startsWith("/bot")) {
      const answers = {
        getMe: { ok: true, result: { id: 1, is_bot: true, first_name: "Bot" } },
        sendMessage: { ok: false, error_code: 400, description: "Bad Request: chat not found" },
      };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answers[pathname.split("/").at(-1)]));
    } else if (request.method === "PUT") {
      objects.set(pathname, request.headers["x-amz-decoded-content-length"] ? "contents" : body);
      response.setHeader("etag", '"tag"').end();
    } else response.end(objects.get(pathname) ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

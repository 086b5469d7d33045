/*
 * Sends the requests of cases.js and makes of each answer what can be compared: no values that
 * differ between machines (tags) or that the two are free to choose (lengths of HTML).
 */
import { request as httpRequest } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

/** Headers that every server adds as it likes. */
const NOT_COMPARED = new Set(["date", "connection", "keep-alive", "transfer-encoding"]);

/** @param {number} port @param {import("./cases.d.ts").Project} project */
export async function ask(port, { requests }) {
  const answers = {};
  for (const [method, path, headers = {}] of requests) {
    const sent = { ...headers };
    for (const [name, value] of Object.entries(sent)) {
      if (!value.includes("$ETAG")) continue;
      const override = headers["mf-route-override"];
      // wrangler takes an empty one for a host.
      const route = override === undefined ? {} : { "mf-route-override": override };
      const { etag } = (await send(port, "GET", path, route)).headers;
      sent[name] = value.replace("$ETAG", etag);
    }
    const shown = Object.entries(headers)
      .filter(([name]) => name !== "mf-route-override")
      .map(([name, value]) => ` ${name}: ${value}`);
    answers[`${method} ${path}${shown.join("")}`] = describe(await send(port, method, path, sent));
  }
  return answers;
}

/** @returns {Promise<{ status: number, statusText: string, headers: Record<string, string>, bytes: Buffer }>} */
function send(port, method, path, headers) {
  return new Promise((resolve, reject) => {
    const body = ["POST", "PUT", "PATCH"].includes(method) ? "body" : undefined;
    const options = { host: "127.0.0.1", port, method, path, headers, agent: false };
    const outgoing = httpRequest(options, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode,
          statusText: incoming.statusMessage,
          headers: incoming.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function describe({ status, statusText, headers, bytes }) {
  const shown = {};
  for (const name of Object.keys(headers).sort()) {
    const value = headers[name];
    if (NOT_COMPARED.has(name)) continue;
    // A proxy that may change HTML and a server that compresses do not know the length.
    if (name === "content-length" && value !== "0") continue;
    if (name === "etag") shown[name] = value.replace(/[0-9a-f]{32}/, "<tag>");
    else if (name === "location") shown[name] = value.replace(/127\.0\.0\.1:\d+/, "<host>");
    else shown[name] = String(value);
  }
  const coding = headers["content-encoding"];
  const plain =
    bytes.length === 0
      ? bytes
      : coding === "gzip"
        ? gunzipSync(bytes)
        : coding === "br"
          ? brotliDecompressSync(bytes)
          : bytes;
  const text = plain.toString("utf8");
  const body = text.length > 400 ? `${text.slice(0, 20)}... ${text.length}` : text;
  return [`${status} ${statusText}`, shown, body.replaceAll(/127\.0\.0\.1:\d+/g, "<host>")];
}

/*
 * Asks a running project, one request after the other, and keeps of each answer what does not change from
 * run to run. Called by test/e2e/projects.test.ts and by `npm run parity -- projects`.
 */
import { WebSocket } from "ws";

/**
 * `{cookie}` in a header stands for the cookies that were set, `{name}` anywhere for what a `keep` found before:
 * its first group, looked for in header `location` and in the body, and shown as `(name)` from then on.
 * `send`: messages of a WebSocket, each after the answer to the one before.
 *
 * @typedef {object} Asked
 * @property {string} path
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {string | FormData} [body]
 * @property {Record<string, RegExp>} [keep]
 * @property {(string | Uint8Array)[]} [send]
 */

const KEPT = [
  "content-type",
  "content-range",
  "content-disposition",
  "cache-control",
  "etag",
  "location",
  "set-cookie",
  "www-authenticate",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "x-query",
  "x-frame-options",
];
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/**
 * @param {string} url
 * @param {readonly Asked[]} requests
 * @returns {Promise<object[]>} what does not change from one run to the next
 */
export async function askAll(url, requests) {
  const { origin, host } = new URL(url);
  /** @type {Map<string, string>} */
  const found = new Map([
    ["origin", origin],
    ["origin encoded", encodeURIComponent(origin)],
    ["host", host],
  ]);
  const filled = (text) => text.replace(/\{(\w+)\}/g, (all, name) => found.get(name) ?? all);
  const masked = (text) => {
    let shown = text.replace(UUID, "(uuid)");
    for (const [name, value] of found)
      if (name !== "cookie") shown = shown.replaceAll(value, `(${name})`);
    return shown;
  };
  const answers = [];
  for (const { method = "GET", path, headers = {}, body, keep = {}, send } of requests) {
    if (send !== undefined) {
      const messages = await converse(new URL(path, url), send);
      answers.push({ asked: `socket ${path}`, messages });
      continue;
    }
    const response = await fetch(new URL(filled(path), url), {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, filled(value)]),
      ),
      body: typeof body === "string" ? filled(body) : body,
      redirect: "manual",
    });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (cookies.length > 0) found.set("cookie", cookies.join("; "));
    for (const cookie of cookies) {
      // Long ones are made of secrets and times.
      const [, name, value] = /^([^=]*)=(.{60,})/.exec(cookie) ?? [];
      if (value !== undefined) found.set(`cookie ${name}`, value);
    }
    const text = await response.text();
    for (const [name, pattern] of Object.entries(keep)) {
      const [, value] = pattern.exec(`${response.headers.get("location") ?? ""}\n${text}`) ?? [];
      if (value === undefined) throw new Error(`${path}: no ${name} in ${response.status} ${text}`);
      found.set(name, value);
    }
    // An asset's is made of its path and time.
    const isAsset = response.headers.get("cache-control")?.includes("must-revalidate");
    const shown = KEPT.flatMap((name) => {
      const value = response.headers.get(name);
      if (value === null || (name === "etag" && isAsset)) return [];
      return [[name, masked(value)]];
    });
    answers.push({
      asked: `${method} ${path}`,
      status: response.status,
      headers: Object.fromEntries(shown),
      body: masked(text),
    });
  }
  return answers;
}

/**
 * @param {URL} url
 * @param {readonly (string | Uint8Array)[]} send
 * @returns {Promise<string[]>} every message in answer, and how the connection ended
 */
function converse(url, send) {
  const socket = new WebSocket(url);
  const left = [...send];
  const messages = [];
  return new Promise((resolve, reject) => {
    const next = () => {
      const message = left.shift();
      if (message === undefined) socket.close(1000, "done");
      else socket.send(message);
    };
    socket.on("open", next);
    socket.on("message", (data, isBinary) => {
      messages.push(isBinary ? `bytes ${data.toString("hex")}` : data.toString());
      next();
    });
    socket.on("close", (code, reason) => resolve([...messages, `closed ${code} ${reason}`]));
    socket.on("error", reject);
  });
}

import { fork } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { fileURLToPath } from "node:url";

const WARM_UP_S = 1;

/**
 * HTTP/1.1 load over keep-alive connections, one request in flight on each, in a process of its
 * own so that it does not share an event loop with anything measured.
 * @param {string} url
 * @param {{ connections?: number, seconds?: number, upload?: number }} [options] `upload`: POST so
 *   many bytes
 * @returns {Promise<{ perSecond: number, failures: number }>}
 */
export async function load(url, options = {}) {
  const { seconds = 3, ...rest } = options;
  const generator = startLoad(url, rest);
  try {
    await generator.measure(WARM_UP_S);
    return await generator.measure(seconds);
  } finally {
    await generator.stop();
  }
}

/**
 * The same generator to be asked again and again: between measures its connections are open and idle.
 * @param {string} url
 * @param {{ connections?: number, upload?: number }} [options]
 */
export function startLoad(url, { connections = 16, upload = 0 } = {}) {
  const args = [url, String(connections), String(upload)];
  const child = fork(fileURLToPath(import.meta.url), args);
  const exited = once(child, "exit");
  return {
    /**
     * @param {number} seconds
     * @returns {Promise<{ perSecond: number, failures: number }>}
     */
    async measure(seconds) {
      child.send(seconds);
      const [result] = await Promise.race([
        once(child, "message"),
        exited.then(([code]) => Promise.reject(new Error(`the load generator exited: ${code}`))),
      ]);
      return result;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/**
 * The generator shares two cores with what it measures, so it must cost little: only the head of
 * each response is looked at, the rest is counted.
 */
function run(url, connections, upload) {
  const { hostname, port, pathname } = new URL(url);
  const framing = upload > 0 ? `Content-Length: ${upload}\r\n` : "";
  const method = upload > 0 ? "POST" : "GET";
  const request = Buffer.concat([
    Buffer.from(`${method} ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${framing}\r\n`),
    Buffer.alloc(upload, "x"),
  ]);
  let done = 0;
  let failures = 0;
  let running = false;
  /** Connections on which nothing is in flight. */
  const idle = new Set();
  for (let i = 0; i < connections; i++) {
    let size = 0;
    let got = 0;
    let head = "";
    let tail = "";
    const onBytes = (count, buffer) => {
      got += count;
      if (size === 0) {
        head += buffer.latin1Slice(0, count);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return true;
        const length = /content-length: (\d+)/i.exec(head);
        size = length === null ? Number.POSITIVE_INFINITY : end + 4 + Number(length[1]);
      }
      // Chunked: it ends with an empty chunk, and bodies hold none of these bytes.
      if (size === Number.POSITIVE_INFINITY) {
        tail = (tail + buffer.latin1Slice(Math.max(0, count - 5), count)).slice(-5);
        if (tail === "0\r\n\r\n") size = got;
      }
      if (got < size) return true;
      if (got > size || !head.startsWith("HTTP/1.1 200")) failures += 1;
      size = 0;
      got = 0;
      head = "";
      tail = "";
      done += 1;
      if (running) socket.write(request);
      else idle.add(socket);
      return true;
    };
    const socket = net.connect({
      port: Number(port),
      host: hostname,
      noDelay: true,
      onread: { buffer: Buffer.alloc(65536), callback: onBytes },
    });
    socket.once("connect", () => {
      if (running) socket.write(request);
      else idle.add(socket);
    });
    socket.on("error", () => {
      failures += 1;
    });
  }
  process.on("message", (seconds) => {
    running = true;
    const before = done;
    const startedAt = performance.now();
    for (const socket of idle) socket.write(request);
    idle.clear();
    setTimeout(() => {
      running = false;
      const perSecond = ((done - before) * 1000) / (performance.now() - startedAt);
      process.send({ perSecond, failures });
      failures = 0;
    }, seconds * 1000);
  });
  process.on("disconnect", () => process.exit());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, connections, upload] = process.argv.slice(2);
  run(url, Number(connections), Number(upload));
}

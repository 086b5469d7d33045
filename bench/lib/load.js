import { fork } from "node:child_process";
import net from "node:net";
import { fileURLToPath } from "node:url";

/**
 * HTTP/1.1 load over keep-alive connections, one request in flight on each, in a process of its
 * own so that it does not share an event loop with anything measured.
 * @param {string} url
 * @param {{ connections?: number, seconds?: number }} [options]
 * @returns {Promise<{ perSecond: number, failures: number }>}
 */
export function load(url, options = {}) {
  const { connections = 16, seconds = 3 } = options;
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [url, String(connections), String(seconds)]);
    child.once("message", resolve);
    child.once("error", reject);
  });
}

/**
 * The generator shares two cores with what it measures, so it must cost little: only the head of
 * each response is looked at, the rest is counted.
 */
function run(url, connections, seconds) {
  const { hostname, port, pathname } = new URL(url);
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  let done = 0;
  let failures = 0;
  let running = true;
  for (let i = 0; i < connections; i++) {
    let size = 0;
    let got = 0;
    let head = "";
    const onBytes = (count, buffer) => {
      got += count;
      if (size === 0) {
        head += buffer.latin1Slice(0, count);
        const end = head.indexOf("\r\n\r\n");
        const length = /content-length: (\d+)/i.exec(head);
        if (end < 0 || length === null) return true;
        size = end + 4 + Number(length[1]);
      }
      if (got < size) return true;
      if (got > size || !head.startsWith("HTTP/1.1 200")) failures += 1;
      size = 0;
      got = 0;
      head = "";
      done += 1;
      if (running) socket.write(request);
      return true;
    };
    const socket = net.connect({
      port: Number(port),
      host: hostname,
      noDelay: true,
      onread: { buffer: Buffer.alloc(4096), callback: onBytes },
    });
    socket.once("connect", () => socket.write(request));
    socket.on("error", () => {
      failures += 1;
    });
  }
  setTimeout(() => {
    const before = done;
    const startedAt = performance.now();
    setTimeout(() => {
      running = false;
      const perSecond = ((done - before) * 1000) / (performance.now() - startedAt);
      process.send({ perSecond, failures }, () => process.exit(0));
    }, seconds * 1000);
  }, 1000); // One second to warm up.
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, connections, seconds] = process.argv.slice(2);
  run(url, Number(connections), Number(seconds));
}

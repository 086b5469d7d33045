import { fork } from "node:child_process";
import net from "node:net";
import { fileURLToPath } from "node:url";

/**
 * Messages of 16 bytes that come back over WebSockets, in a process of its own (see load.js).
 * @param {string} url of the upgrade, with http:
 * @param {{ sockets: number, inFlight: number, seconds?: number }} options `inFlight`: on each socket
 * @returns {Promise<number>} echoes a second
 */
export function socketLoad(url, { sockets, inFlight, seconds = 2 }) {
  return new Promise((resolve, reject) => {
    const args = [url, String(sockets), String(inFlight), String(seconds)];
    const child = fork(fileURLToPath(import.meta.url), args);
    child.once("message", (message) => {
      if (message.error === undefined) resolve(message.perSecond);
      else reject(new Error(message.error));
    });
    child.once("error", reject);
  });
}

const SIZE = 16;
/** A text frame of a client, with a mask of zeros. */
const FRAME = Buffer.concat([
  Buffer.from([0x81, 0x80 | SIZE, 0, 0, 0, 0]),
  Buffer.alloc(SIZE, "x"),
]);
const ECHO_BYTES = 2 + SIZE;

async function run(url, sockets, inFlight, seconds) {
  const { hostname, port, pathname, search } = new URL(url);
  let bytes = 0;
  const open = () =>
    new Promise((resolve, reject) => {
      const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
      let head = "";
      let rest = 0;
      const onHead = (chunk) => {
        head += chunk.toString("latin1");
        if (!head.includes("\r\n\r\n")) return;
        if (!head.startsWith("HTTP/1.1 101")) reject(new Error(head));
        socket.off("data", onHead);
        socket.on("data", (data) => {
          bytes += data.length;
          rest += data.length;
          const count = Math.floor(rest / ECHO_BYTES);
          rest -= count * ECHO_BYTES;
          if (count === 1) socket.write(FRAME);
          else if (count > 1) socket.write(Buffer.concat(Array(count).fill(FRAME)));
        });
        resolve(socket);
      };
      socket.on("data", onHead);
      socket.once("error", reject);
      socket.write(
        `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
      );
    });
  const all = [];
  for (let i = 0; i < sockets; i++) all.push(await open());
  for (const socket of all) socket.write(Buffer.concat(Array(inFlight).fill(FRAME)));
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  // Until it is compiled.
  await wait(1000);
  bytes = 0;
  const startedAt = performance.now();
  await wait(seconds * 1000);
  return (bytes / ECHO_BYTES / (performance.now() - startedAt)) * 1000;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, ...numbers] = process.argv.slice(2);
  run(url, ...numbers.map(Number))
    .then((perSecond) => process.send({ perSecond }))
    .catch((error) => process.send({ error: String(error) }))
    .finally(() => process.disconnect());
  process.on("disconnect", () => process.exit());
}

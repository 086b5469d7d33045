/* What may be done while a module is evaluated (spec/node.md 3). */
import crypto from "node:crypto";
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import zlib from "node:zlib";
import { thrown } from "../shown.js";

const cut = (value) =>
  typeof value === "object" && value?.message
    ? { ...value, message: value.message.slice(0, 60) }
    : value;
const refused = async (run) => cut(await thrown(run));

const found = {
  timers: [
    await refused(() => setTimeout(() => {}, 1)),
    await refused(() => setInterval(() => {}, 1)),
    await refused(() => setImmediate(() => {})),
    await refused(() => timers.setTimeout(() => {}, 1)),
    await refused(() => timers.setInterval(() => {}, 1)),
    await refused(() => timers.setImmediate(() => {})),
    await refused(() => timersPromises.setTimeout(1)),
    await refused(() => timersPromises.setImmediate()),
    await refused(() => timersPromises.scheduler.wait(1)),
  ],
  randomness: [
    await refused(() => crypto.randomBytes(1)),
    await refused(() => crypto.randomUUID()),
    await refused(() => crypto.randomInt(5)),
    await refused(() => crypto.randomFillSync(new Uint8Array(1))),
    await refused(() => crypto.randomFill(new Uint8Array(1), () => {})),
    await refused(() => crypto.randomBytes(1, () => {})),
    await refused(() => crypto.getRandomValues(new Uint8Array(1))),
    await refused(() => crypto.generateKeySync("hmac", { length: 64 })),
    await refused(() => crypto.generatePrimeSync(16)),
  ],
  "what computes": [
    crypto.createHash("sha256").update("x").digest("hex").slice(0, 8),
    crypto.pbkdf2Sync("a", "b", 1, 4, "sha256").toString("hex"),
    crypto.scryptSync("a", "b", 4, { N: 2 }).toString("hex"),
    crypto.hkdfSync("sha256", "a", "b", "c", 4).byteLength,
    crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.type,
    zlib.gunzipSync(zlib.gzipSync("x")).toString(),
    await new Promise((resolve) => zlib.gzip("x", (error) => resolve(error))),
  ],
  files: [
    (fs.writeFileSync("/tmp/at-scope", "x"), fs.readFileSync("/tmp/at-scope", "utf8")),
    fs.readSync(fs.openSync("/dev/random", "r"), Buffer.alloc(4)),
  ],
  time: [Date.now(), process.hrtime(), String(process.hrtime.bigint()), performance.now()],
  tick: await new Promise((resolve) => process.nextTick(() => resolve("tick"))),
  network: [
    cut(
      await thrown(
        () =>
          new Promise((_resolve, reject) => {
            net.connect(1, "127.0.0.1").on("error", reject);
          }),
      ),
    ),
    cut(
      await thrown(
        () =>
          new Promise((_resolve, reject) => {
            http.get("http://127.0.0.1:1/").on("error", reject);
          }),
      ),
    ),
    cut(
      await thrown(
        () =>
          new Promise((resolve, reject) => {
            dns.lookup("a.test", (error) => (error ? reject(error) : resolve()));
          }),
      ),
    ),
  ],
  servers: [
    await refused(() => http.createServer().listen(4800)),
    await refused(() => net.createServer().listen(4801)),
  ],
};

export const cases = Object.fromEntries(Object.keys(found).map((key) => [key, () => found[key]]));
cases["a file of module scope is gone"] = () => fs.existsSync("/tmp/at-scope");

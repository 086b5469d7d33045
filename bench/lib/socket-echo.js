import { spawn } from "node:child_process";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { echoes, perRound } from "./stats.js";

/** A bare echo of 64 bytes over a unix socket between two processes, in microseconds. */
export async function socketEcho() {
  const path = join(tmpdir(), `drover-bench-${process.pid}.sock`);
  const child = spawn(
    process.execPath,
    [
      "-e",
      `const server = require("node:net").createServer((socket) => {
         socket.on("data", (data) => socket.write(data)).on("close", () => server.close());
       }).listen(${JSON.stringify(path)}, () => console.log("up"));`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const socket = net.connect(path);
  const message = Buffer.alloc(64);
  const value = await perRound(
    echoes(socket, "data", () => socket.write(message)),
    20_000,
  );
  socket.destroy();
  await new Promise((resolve) => child.once("exit", resolve));
  return value * 1000;
}

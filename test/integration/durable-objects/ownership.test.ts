import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Ownership } from "../../../src/durable-objects/ownership.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/** Another session: has the lock when it says so, and until it was told that it is asked for, and a moment longer. */
const LOOKING = `
const { parentPort, workerData: { asked, module, path } } = require("node:worker_threads");
import(module).then(({ lockFile }) => {
  const lock = lockFile(path);
  parentPort.postMessage("looks");
  Atomics.wait(asked, 0, 0);
  Atomics.wait(asked, 0, 1, 20);
  lock.release();
});`;

test("a reload keeps the objects of its session while another one looks whether they are free", async () => {
  await using files = await tempProject();
  const path = files.path("app.lock");
  const module = new URL("../../../dist/storage/sqlite/file-lock.js", import.meta.url).href;
  const asked = new Int32Array(new SharedArrayBuffer(4));
  const other = new Worker(LOOKING, { eval: true, workerData: { asked, module, path } });
  await once(other, "message");
  const heard: string[] = [];
  const ownership = new Ownership({
    path,
    onOwned: (hasWaited) => heard.push(hasWaited ? "taken over" : "owned"),
    onWait: () => heard.push("waits"),
  });
  expect(ownership.has()).toBe(false);
  expect(ownership.release()).toBe(true);
  Atomics.store(asked, 0, 1);
  Atomics.notify(asked, 0);
  ownership.take();
  expect(heard).toEqual(["waits", "owned"]);
  expect(ownership.has()).toBe(true);
  ownership.release();
  await once(other, "exit");
});

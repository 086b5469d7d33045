import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { eventually } from "../helpers/eventually.ts";
import { descendants } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* Durable Objects where something is wrong: files, folders, too many, too long (spec/durable-objects.md 26). */

const APP = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  hex() { return this.ctx.id.toString(); }
  touch() { return 1; }
  get(key) { return this.ctx.storage.get(key); }
  put(key, value) { return this.ctx.storage.put(key, value); }
  sql(text) { return this.ctx.storage.sql.exec(text).toArray(); }
  alarmIn(ms) { return this.ctx.storage.setAlarm(Date.now() + ms); }
  async increment() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
  alarm() { console.log("alarm of " + this.ctx.id.name); }
  stuck() { return this.ctx.blockConcurrencyWhile(() => new Promise(() => {})); }
}
const ways = {
  /** Many calls on one stub that leave in one message. */
  async burst(env) {
    const stub = env.COUNTER.getByName("burst");
    const counts = await Promise.all(Array.from({ length: 100 }, () => stub.increment()));
    return { counts, stored: await stub.get("count") };
  },
  /** Sums of what so many objects count, twice. */
  async stored(env, count) {
    const round = async () => {
      let sum = 0;
      for (let at = 0; at < count; at += 50) {
        const counts = Array.from({ length: 50 }, (_, i) => env.COUNTER.getByName("stored " + (at + i)).increment());
        for (const value of await Promise.all(counts)) sum += value;
      }
      return sum;
    };
    return { first: await round(), second: await round() };
  },
  async many(env, from, to) {
    for (let at = from; at < to; at += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => env.COUNTER.getByName("many " + (at + i)).touch()));
    }
    return to - from;
  },
};
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, name, method] = url.pathname.split("/");
    const args = url.search === "" ? [] : JSON.parse(decodeURIComponent(url.search.slice(1)));
    try {
      if (name === "ways") return Response.json(await ways[method](env, ...args));
      return Response.json((await env.COUNTER.getByName(name)[method](...args)) ?? null);
    } catch (error) {
      const { message, durableObjectReset, overloaded } = error;
      return Response.json({ message, durableObjectReset, overloaded }, { status: 500 });
    }
  },
};
`;

const project = (): Promise<TempProject> =>
  tempProject({
    "wrangler.json": config("app", {
      main: "index.js",
      durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
    }),
    "index.js": APP,
  });

const FOLDER = ".wrangler/state/v3/do/app-Counter";

async function call(dev: RunningDev, path: string, args?: readonly unknown[]): Promise<unknown> {
  const search = args === undefined ? "" : `?${encodeURIComponent(JSON.stringify(args))}`;
  return (await dev.fetch(`/${path}${search}`)).json();
}

describe("files", () => {
  test("of an object that are no database: its calls say so, others go on, nothing is deleted", async () => {
    await using files = await project();
    let path: string;
    {
      await using dev = await runDev("wrangler.json", { cwd: files.dir });
      await call(dev, "bad/put", ["k", 1]);
      path = files.path(`${FOLDER}/${await call(dev, "bad/hex")}.sqlite`);
      await dev.stop();
    }
    settle(path);
    const garbage = "this is no database ".repeat(500);
    writeFileSync(path, garbage);
    await using dev = await runDev("wrangler.json", { cwd: files.dir });
    const expected = {
      message: `The Durable Object's storage cannot be used: file is not a database: SQLITE_NOTADB (${path})`,
    };
    expect(await call(dev, "bad/get", ["k"])).toEqual(expected);
    expect(await call(dev, "bad/put", ["k", 2])).toEqual(expected);
    expect(await call(dev, "bad/sql", ["SELECT 1"])).toEqual(expected);
    expect(await call(dev, "bad/touch")).toBe(1);
    expect(await call(dev, "good/increment")).toBe(1);
    expect(readFileSync(path, "utf8")).toBe(garbage);
  });

  test("of an object whose pages are damaged: the error names the file", async () => {
    await using files = await project();
    let path: string;
    {
      await using dev = await runDev("wrangler.json", { cwd: files.dir });
      for (let key = 0; key < 20; key += 1)
        await call(dev, "bad/put", [`k${key}`, "x".repeat(2000)]);
      path = files.path(`${FOLDER}/${await call(dev, "bad/hex")}.sqlite`);
      await dev.stop();
    }
    settle(path);
    const bytes = readFileSync(path);
    bytes.fill(0xee, 4096);
    writeFileSync(path, bytes);
    await using dev = await runDev("wrangler.json", { cwd: files.dir });
    const answer = await call(dev, "bad/get", ["k1"]);
    expect(answer).toEqual({
      message: expect.stringMatching(/database disk image is malformed.*\.sqlite\)$/),
    });
    expect((answer as { message: string }).message).toContain(path);
    expect(await call(dev, "good/increment")).toBe(1);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("of the alarms that are no database: the session says so and serves", async () => {
    await using files = await project();
    const path = files.path(`${FOLDER}/metadata.sqlite`);
    {
      await using dev = await runDev("wrangler.json", { cwd: files.dir });
      await call(dev, "a/alarmIn", [1e9]);
      await dev.stop();
    }
    settle(path);
    const garbage = "this is no database ".repeat(500);
    writeFileSync(path, garbage);
    await using dev = await runDev("wrangler.json", { cwd: files.dir });
    // The Worker serves before its objects are looked after.
    const told = `The alarms of Durable Object class Counter cannot be read: file is not a database (${path})`;
    await eventually(() => expect(dev.output).toContain(told));
    expect(await call(dev, "a/increment")).toBe(1);
    expect(await call(dev, "a/alarmIn", [1e9])).toMatchObject({
      message: expect.stringContaining(path),
      durableObjectReset: true,
    });
    expect(await call(dev, "a/increment")).toBe(2);
    expect(readFileSync(path, "utf8")).toBe(garbage);
  });

  test("in a folder that nobody may write to", async () => {
    await using files = await project();
    const args = ["--persist-to", "/sys/drover"];
    await using dev = await runDev("wrangler.json", { cwd: files.dir, args });
    const expected = { message: expect.stringContaining("/sys/drover/v3/do/app-Counter/") };
    expect(await call(dev, "a/put", ["k", 1])).toEqual(expected);
    expect(await call(dev, "a/sql", ["CREATE TABLE t (a)"])).toEqual(expected);
    expect(await call(dev, "a/touch")).toBe(1);
    expect(await call(dev, "a/get", ["k"])).toBe(null);
  });

  test("in a file system that makes no folders", async () => {
    await using files = await project();
    const args = ["--persist-to", "/proc/drover"];
    await using dev = await runDev("wrangler.json", { cwd: files.dir, args });
    expect(await call(dev, "a/put", ["k", 1])).toEqual({
      message: expect.stringMatching(/ENOENT.*mkdir '\/proc\/drover'.*\/proc\/drover\/v3\/do\//),
    });
    expect(await call(dev, "a/touch")).toBe(1);
  });

  test("on a disk that is full: who writes is told so with the path, others go on, nothing is deleted", async () => {
    await using files = await project();
    await using disk = await smallDisk(files.path("disk"), 1024);
    const args = ["--persist-to", disk.dir];
    {
      await using dev = await runDev("wrangler.json", { cwd: files.dir, args });
      expect(await call(dev, "a/increment")).toBe(1);
      const path = `${disk.dir}/v3/do/app-Counter/${await call(dev, "a/hex")}.sqlite`;
      disk.fill();
      // It travels in the URL.
      const big = "x".repeat(60_000);
      expect(await call(dev, "a/put", ["big", big])).toEqual({
        message: `The Durable Object's storage cannot be used: database or disk is full: SQLITE_FULL (${path})`,
        durableObjectReset: true,
      });
      expect(await call(dev, "a/get", ["count"])).toBe(1);
      expect(await call(dev, "a/get", ["big"])).toBe(null);
      expect(await call(dev, "a/touch")).toBe(1);
      // One that has no file yet.
      const other = `${disk.dir}/v3/do/app-Counter/${await call(dev, "b/hex")}.sqlite`;
      expect(await call(dev, "b/put", ["k", 1])).toEqual(
        expect.objectContaining({ message: expect.stringContaining(other) }),
      );
      expect(await call(dev, "b/touch")).toBe(1);
      disk.free();
      expect(await call(dev, "a/increment")).toBe(2);
      expect(await call(dev, "b/increment")).toBe(1);
      disk.fill();
      await dev.stop();
    }
    disk.free();
    await using dev = await runDev("wrangler.json", { cwd: files.dir, args });
    expect(await call(dev, "a/increment")).toBe(3);
    expect(await call(dev, "b/increment")).toBe(2);
  });

  test("where a file stands in the place of the folder", async () => {
    await using files = await project();
    await files.write(FOLDER, "a file");
    await using dev = await runDev("wrangler.json", { cwd: files.dir });
    expect(await call(dev, "a/put", ["k", 1])).toEqual({
      message: expect.stringContaining(files.path(FOLDER)),
    });
    expect(await call(dev, "a/touch")).toBe(1);
  });
});

test("500 live objects with storage have part of their files open, and lose nothing", async () => {
  await using files = await project();
  // None of them has been idle for long enough when the last one was made, on no machine.
  const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "600000" };
  await using dev = await runDev("wrangler.json", { cwd: files.dir, env });
  expect(await call(dev, "ways/stored", [500])).toEqual({ first: 500, second: 1000 });
  expect(await live(dev)).toBe(500);
  // A file, its log and its shared memory for each, and those of the alarms.
  const host = hostOf(dev);
  await eventually(async () => expect(openFiles(host, files.dir)).toBeLessThan(3 * 430));
});

test("what a session stored is in the files themselves when it has ended", async () => {
  await using files = await project();
  let hex: unknown;
  {
    await using dev = await runDev("wrangler.json", { cwd: files.dir });
    hex = await call(dev, "a/hex");
    await call(dev, "a/increment");
    await call(dev, "a/alarmIn", [1e9]);
    await dev.stop();
  }
  for (const name of [`${hex}.sqlite`, "metadata.sqlite"]) {
    const log = files.path(`${FOLDER}/${name}-wal`);
    expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
  }
});

test("100 calls in one message lose no increment", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "ways/burst")).toEqual({
    counts: Array.from({ length: 100 }, (_, index) => index + 1),
    stored: 100,
  });
});

test("a critical section without end resets the object when its time is over", async () => {
  await using files = await project();
  const env = { DROVER_DURABLE_OBJECT_SECTION_MS: "300" };
  await using dev = await runDev("wrangler.json", { cwd: files.dir, env });
  const stuck = call(dev, "a/stuck");
  const message =
    "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset.";
  const error = { message, durableObjectReset: true, overloaded: true };
  expect(await stuck).toEqual(error);
  expect(await call(dev, "a/touch")).toBe(1);
});

test("10,000 objects touched once leave no file, no descriptor and no memory", async () => {
  await using files = await project();
  const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "50" };
  await using dev = await runDev("wrangler.json", { cwd: files.dir, env });
  const host = hostOf(dev);
  await call(dev, "ways/many", [0, 1000]);
  const open = (): number => openFiles(host, files.dir);
  await eventually(async () => expect(await live(dev)).toBe(0));
  const before = await memory(dev);
  expect(await call(dev, "ways/many", [1000, 11_000])).toBe(10_000);
  await eventually(async () => expect(await live(dev)).toBe(0));
  expect(open()).toBe(0);
  expect(existsSync(files.path(FOLDER)) ? readdirSync(files.path(FOLDER)) : []).toEqual([]);
  // 10,000 live objects take some 50 MB.
  await eventually(async () => expect((await memory(dev)) - before).toBeLessThan(10));
});

/** Everything of a database into its one file: sessions leave the log beside it, as wrangler does. */
function settle(path: string): void {
  expect(existsSync(path)).toBe(true);
  openDatabase(path).close();
  expect(existsSync(`${path}-wal`)).toBe(false);
}

interface Status {
  readonly workers: readonly {
    readonly usage: { readonly memoryMb: number };
    readonly objects?: readonly { readonly live: number }[];
  }[];
}

async function status(dev: RunningDev): Promise<Status["workers"][number]> {
  const { workers } = (await (await dev.fetch("/cdn-cgi/drover/status?collect")).json()) as Status;
  return workers[0] as Status["workers"][number];
}
const live = async (dev: RunningDev): Promise<number> =>
  (await status(dev)).objects?.[0]?.live ?? Number.NaN;
const memory = async (dev: RunningDev): Promise<number> => (await status(dev)).usage.memoryMb;

function hostOf(dev: RunningDev): number {
  return descendants(dev.child.pid as number).find(({ command }) =>
    command.includes("programs/host.cjs"),
  )?.pid as number;
}

/** Open files of a process below a folder (Linux), but for the one lock of the Worker. */
function openFiles(pid: number, folder: string): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      const path = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return path.startsWith(`${folder}/.wrangler`) && !path.endsWith("/do/app.lock");
    } catch {
      return false;
    }
  }).length;
}

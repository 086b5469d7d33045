import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/**
 * What cannot be asked what it is: every trap throws, `getPrototypeOf` of `instanceof` included. Whoever
 * waits for the one that throws it must hear that something was thrown.
 */
const APP = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
const traps = new Proxy({}, { get: () => () => { throw new Error("trap"); } });
const unreadable = () => {
  const members = Object.fromEntries(["name", "message", "stack", "cause"].map((key) => [key, { get() { throw 1; } }]));
  return Object.defineProperties(new Error("x"), members);
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const make: any = { object: () => new Proxy({}, traps), function: () => new Proxy(() => {}, traps),
  error: () => new Proxy(new Error("x"), traps), revoked, unreadable };
export class Thrower extends WorkerEntrypoint {
  now(kind: string) { throw make[kind](); }
  async later(kind: string) { throw make[kind](); }
}
export class Room extends DurableObject {
  now(kind: string) { throw make[kind](); }
  section(kind: string) { return this.ctx.blockConcurrencyWhile(async () => { throw make[kind](); }); }
}
const heard = async (call: () => Promise<unknown>) => {
  try { await call(); return "nothing"; } catch (error: any) { return error.message === "Network connection lost." ? "lost" : "error"; }
};
export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const kind = searchParams.get("kind") as string;
    if (pathname === "/throw") throw make[kind]();
    if (pathname === "/log") { console.log(make[kind]()); return new Response("logged"); }
    if (pathname === "/body") return new Response(new ReadableStream({ pull() { throw make[kind](); } }));
    const room = env.ROOMS.getByName("a");
    return Response.json(await Promise.all([
      heard(() => env.SELF.now(kind)), heard(() => env.SELF.later(kind)),
      heard(() => env.OTHER.now(kind)), heard(() => env.OTHER.later(kind)),
      heard(() => room.now(kind)), heard(() => env.ROOMS.getByName("b").section(kind)),
    ]));
  },
};
`;

const TAIL = `export default { fetch() { return new Response("tail"); }, tail(events: unknown) { JSON.stringify(events); } };`;

let project: TempProject;
let dev: RunningDev;
beforeAll(async () => {
  const objects = {
    durable_objects: { bindings: [{ name: "ROOMS", class_name: "Room" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
  };
  const services = ["app", "other"].map((service, index) => ({
    binding: ["SELF", "OTHER"][index],
    service,
    entrypoint: "Thrower",
  }));
  project = await tempProject({
    "app/wrangler.json": config("app", { services, ...objects }),
    "app/src/index.ts": APP,
    "other/wrangler.json": config("other", {
      main: "../app/src/index.ts",
      ...objects,
      tail_consumers: [{ service: "tail" }],
    }),
    "tail/wrangler.json": config("tail"),
    "tail/src/index.ts": TAIL,
  });
  dev = await runDev(["app/wrangler.json", "other/wrangler.json", "tail/wrangler.json"], {
    cwd: project.dir,
  });
});
afterAll(async () => {
  await dev.stop();
  await project[Symbol.asyncDispose]();
});

for (const kind of ["object", "function", "error", "revoked", "unreadable"]) {
  test(`a thrown value that cannot be read is heard of: ${kind}`, async () => {
    // Observed by a tail Worker, and not.
    for (const worker of ["app", "other"]) {
      expect((await dev.fetch(`/throw?kind=${kind}`, { worker })).status).toBe(500);
      expect(await (await dev.fetch(`/log?kind=${kind}`, { worker })).text()).toBe("logged");
      const cut = await dev.fetch(`/body?kind=${kind}`, { worker });
      await expect(cut.text()).rejects.toThrow();
    }
    const heard = await (await dev.fetch(`/call?kind=${kind}`)).json();
    expect(heard).toEqual(Array.from({ length: 6 }, () => "error"));
  });
}

/* Service-worker format; the answers are those of the real runtime to the same scripts. */
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

const MEMBERS = `
const seen = {};
const failure = (action) => { try { return action(); } catch (error) { return error.name + ": " + error.message; } };
implicit = (function () { return typeof this + (this === globalThis); })();
addEventListener("fetch", function (event) {
  seen.event = [event.constructor.name, Object.keys(event)[0], event.type, event.cancelable, event.target === globalThis];
  seen.parents = [event instanceof ExtendableEvent, event instanceof Event, this === globalThis];
  seen.bindings = [VAR, self.VAR, typeof API.fetch, typeof env];
  seen.descriptor = Object.getOwnPropertyDescriptor(globalThis, "VAR");
  seen.implicit = implicit;
  seen.wrong = [failure(() => event.respondWith()), failure(() => event.respondWith(5)), failure(() => event.waitUntil())];
  seen.illegal = failure(() => new FetchEvent("fetch"));
  event.respondWith((async () => {
    await null;
    seen.late = failure(() => event.respondWith(new Response("y")));
    return Response.json(seen);
  })());
  seen.twice = failure(() => event.respondWith(new Response("y")));
});
addEventListener("fetch", () => { seen.second = true; });
`;

const respondWith = (type: string) =>
  `TypeError: Failed to execute '${type}': parameter 1 is not of type 'Promise'.`;
const WRONG = respondWith("respondWith' on 'FetchEvent");

test("a script listens to fetch, and its bindings are globals", async () => {
  await using project = await tempProject({
    "main/wrangler.jsonc": config("main", {
      main: "src/index.js",
      vars: { VAR: "value" },
      services: [{ binding: "API", service: "api" }],
    }),
    "main/src/index.js": MEMBERS,
    "api/wrangler.jsonc": config("api"),
    "api/src/index.ts": `
      addEventListener("fetch", (event) => event.respondWith(new Response("from api")));`,
  });
  await using dev = await runDev(["main/wrangler.jsonc", "api/wrangler.jsonc"], {
    cwd: project.dir,
    args: ["--no-registry"],
  });
  const seen = await (await dev.fetch("/")).json();
  expect(seen).toEqual({
    event: ["FetchEvent", "request", "fetch", false, true],
    parents: [true, true, true],
    bindings: ["value", "value", "function", "undefined"],
    descriptor: { value: "value", writable: true, enumerable: true, configurable: true },
    implicit: "objecttrue",
    wrong: [WRONG, WRONG, respondWith("waitUntil' on 'ExtendableEvent")],
    illegal: "TypeError: Illegal constructor",
    twice:
      "InvalidStateError: FetchEvent.respondWith() has already been called; it can only be called once.",
    late: "InvalidStateError: Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.",
  });
  expect(await (await dev.fetch("/", { worker: "api" })).text()).toBe("from api");
});

test("a script is called by a binding, and calls one", async () => {
  await using project = await tempProject({
    "main/wrangler.jsonc": config("main", { services: [{ binding: "API", service: "api" }] }),
    "main/src/index.ts": `
      import text from "./note.txt";
      addEventListener("fetch", (event) => {
        event.waitUntil(Promise.resolve());
        event.respondWith(API.fetch("http://api/" + text.trim()));
      });`,
    "main/src/note.txt": "note\n",
    "api/wrangler.jsonc": config("api"),
    "api/src/index.ts": `
      addEventListener("fetch", (event) => event.respondWith(new Response(event.request.url)));`,
  });
  await using dev = await runDev(["main/wrangler.jsonc", "api/wrangler.jsonc"], {
    cwd: project.dir,
    args: ["--no-registry"],
  });
  expect(await (await dev.fetch("/")).text()).toBe("http://api/note");
});

test("what a script leaves undone is said", async () => {
  await using project = await tempProject({
    "main/wrangler.jsonc": config("main"),
    "main/src/index.ts": `
      addEventListener("fetch", (event) => {
        const { pathname } = new URL(event.request.url);
        if (pathname === "/throws") throw new RangeError("in the listener");
        if (pathname === "/prevented") event.preventDefault();
        if (pathname === "/wrong") event.respondWith(Promise.resolve(5));
        if (pathname === "/late") setTimeout(() => event.respondWith(new Response("late")), 1);
      });`,
  });
  await using dev = await runDev(["main/wrangler.jsonc"], {
    cwd: project.dir,
    args: ["--no-registry"],
  });
  const answer = async (path: string) => {
    const response = await dev.fetch(path);
    return [response.status, (await response.text()).split("\n")[0]];
  };
  expect(await answer("/")).toEqual([500, "Error: No response!"]);
  expect(await answer("/throws")).toEqual([500, "RangeError: in the listener"]);
  expect(await answer("/wrong")).toEqual([
    500,
    "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'.",
  ]);
  expect(await answer("/late")).toEqual([500, "Error: No response!"]);
  await dev.waitForLine(/FetchEvent handler did not call respondWith\(\) before returning/);
});

test("cron triggers reach a script", async () => {
  await using project = await tempProject({
    "main/wrangler.jsonc": config("main"),
    "main/src/index.ts": `
      let last = "none";
      addEventListener("fetch", (event) => event.respondWith(new Response(last)));
      addEventListener("scheduled", (event) => {
        event.waitUntil(scheduler.wait(1).then(() => { last = event.cron + " " + event.scheduledTime; }));
      });`,
  });
  await using dev = await runDev(["main/wrangler.jsonc"], {
    cwd: project.dir,
    args: ["--no-registry"],
  });
  const played = await dev.fetch("/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=1000");
  expect(await played.text()).toBe("ok");
  expect(await (await dev.fetch("/")).text()).toBe("* * * * * 1000");
});

import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createDeferred } from "../../src/util/deferred.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config, PAIR_CONFIGS, pair } from "./workers.ts";

const HUNG =
  "The Workers runtime canceled this request because it detected that your Worker's code had hung and would never generate a response. Refer to: https://developers.cloudflare.com/workers/observability/errors/";

const CALLEE = `
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
class Box extends RpcTarget {
  #open;
  #opened = new Promise((resolve) => { this.#open = resolve; });
  put() { this.#open("put"); }
  take() { return this.#opened; }
}
export default class extends WorkerEntrypoint {
  fetch(request) {
    return request.url.endsWith("/body") ? new Response(this.unfinished()) : new Promise(() => {});
  }
  hang() { return new Promise(() => {}); }
  unfinished() {
    return new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  }
  slow() {
    return new ReadableStream({
      async pull(controller) {
        await scheduler.wait(4000);
        controller.enqueue(new TextEncoder().encode("slow"));
        controller.close();
      },
    });
  }
  box() { return new Box(); }
  async later(ms, callback) { await scheduler.wait(ms); return callback ? callback("called") : "later"; }
  keep(ms, callback) {
    const kept = callback.dup();
    this.ctx.waitUntil(scheduler.wait(ms).then(() => kept("kept")));
  }
}
`;

const CALLER = `
let gate = Promise.withResolvers();
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/hang": await new Promise(() => {});
      case "/rpc": return new Response(await env.CALLEE.hang().catch((error) => error.message));
      case "/binding": return await env.CALLEE.fetch(request.url).catch((error) => new Response(error.message));
      case "/body": return new Response(new TransformStream().readable);
      case "/rpc-body": {
        const stream = await env.CALLEE.unfinished();
        return new Response(await new Response(stream).text().catch((error) => error.message));
      }
      case "/binding-body": {
        const response = await env.CALLEE.fetch("http://callee/body");
        return new Response(await response.text().catch((error) => error.message));
      }
      case "/relay": return new Response(await env.CALLEE.slow());
      case "/large": return new Response(new ReadableStream({
        pull(controller) { controller.enqueue(new Uint8Array(1e6)); if ((this.n = (this.n ?? 0) + 1) === 16) controller.close(); },
      }));
      case "/gate": return new Response(await gate.promise);
      case "/sse": {
        const response = await fetch(searchParams.get("url"));
        return new Response(await response.text());
      }
      case "/upload": return new Response(String((await request.arrayBuffer()).byteLength));
      case "/timer": return new Response(await new Promise((resolve) => setTimeout(resolve, 4000, "fired")));
      case "/signal": return new Response(await new Promise((resolve) => {
        AbortSignal.timeout(4000).addEventListener("abort", () => resolve("timed out"));
      }));
      case "/call": return new Response(await env.CALLEE.later(4000));
      case "/callback": return new Response(await env.CALLEE.later(4000, async (text) => {
        await scheduler.wait(3000);
        return text;
      }));
      case "/kept": return new Response(await new Promise((resolve) => { env.CALLEE.keep(4000, resolve); }));
      case "/box": {
        const box = await env.CALLEE.box();
        const taken = box.take();
        await scheduler.wait(4000);
        await box.put();
        return new Response(await taken);
      }
      case "/crypto": {
        const key = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]);
        const salt = new Uint8Array(8);
        const bits = await crypto.subtle.deriveBits(
          // One job of 12,000,000 rounds.
          { name: "PBKDF2", hash: "SHA-512", salt, iterations: 100_000 }, key, 120 * 512);
        return new Response(String(bits.byteLength));
      }
      case "/stream": {
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        ctx.waitUntil((async () => {
          await writer.write(new TextEncoder().encode("first "));
          await scheduler.wait(4000);
          await writer.write(new TextEncoder().encode("last"));
          await writer.close();
        })());
        return new Response(readable);
      }
    }
    return new Response("ok");
  },
};
`;

const project = () => tempProject(pair({ caller: CALLER, callee: CALLEE }));

/** A pair for each name in one session: a thread is looked at by itself, so they wait side by side. */
function pairs(names: readonly string[]): { files: Record<string, string>; configs: string[] } {
  const main = (file: string) => ({ main: `../src/${file}.ts` });
  const files: Record<string, string> = { "src/caller.ts": CALLER, "src/callee.ts": CALLEE };
  for (const name of names) {
    const services = [{ binding: "CALLEE", service: `${name}-callee` }];
    files[`${name}/caller.json`] = config(`${name}-caller`, { ...main("caller"), services });
    files[`${name}/callee.json`] = config(`${name}-callee`, main("callee"));
  }
  const configs = names.flatMap((name) => [`${name}/caller.json`, `${name}/callee.json`]);
  return { files, configs };
}

/** What `/<name>` of each pair's caller answers. */
async function answers(dev: RunningDev, names: readonly string[]): Promise<Record<string, string>> {
  const texts = names.map(async (name) => {
    const response = await dev.fetch(`/${name}`, { worker: `${name}-caller` });
    return [name, await response.text()] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

test("what never settles is cancelled with production's text, in a handler, a method, a binding's fetch()", async () => {
  const names = ["rpc", "binding", "gate", "hang"];
  const { files, configs } = pairs(names);
  await using project = await tempProject(files);
  await using dev = await runDev(configs, { cwd: project.dir });
  const failing = dev.fetch("/hang", { worker: "hang-caller" });
  const texts = await answers(dev, names);
  expect((await failing).status).toBe(500);
  for (const name of names) expect(texts[name]).toContain(HUNG.slice(0, 90));
  for (const _ of names)
    await dev.waitForLine(/Uncaught Error: The Workers runtime canceled this request/);
  for (const name of names)
    expect(await (await dev.fetch("/", { worker: `${name}-caller` })).text()).toBe("ok");
});

test("a body that its source leaves unfinished is broken off", async () => {
  const names = ["body", "rpc-body", "binding-body"];
  const { files, configs } = pairs(names);
  await using project = await tempProject(files);
  await using dev = await runDev(configs, { cwd: project.dir });
  const unfinished = (await dev.fetch("/body", { worker: "body-caller" })).text();
  const broken = expect(unfinished).rejects.toThrow();
  expect(await answers(dev, names.slice(1))).toEqual({
    "rpc-body": "ReadableStream received over RPC disconnected prematurely.",
    "binding-body": HUNG,
  });
  await broken;
  for (const _ of names)
    await dev.waitForLine(/Uncaught Error: The Workers runtime canceled this request/);
});

test("code that waits for longer than the quiet period is left alone", async () => {
  const expected = {
    timer: "fired",
    signal: "timed out",
    call: "later",
    callback: "called",
    kept: "kept",
    box: "put",
    crypto: "7680",
    stream: "first last",
    relay: "slow",
  };
  const names = Object.keys(expected);
  const { files, configs } = pairs(names);
  await using project = await tempProject(files);
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(await answers(dev, names)).toEqual(expected);
  expect(dev.output).not.toContain(HUNG);
});

/** Long enough for every look of the detector; there is nothing to be told when it does nothing. */
const quiet = (dev: { fetch(path: string, init?: object): Promise<Response> }) =>
  dev.fetch("/hang", { worker: "callee" });

test("a response that an upstream server sends slowly is left alone", async () => {
  const started = createDeferred<ServerResponse>();
  const upstream = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("f");
    started.resolve(response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const { port } = upstream.address() as AddressInfo;
  await using files = await project();
  await using dev = await runDev(PAIR_CONFIGS, { cwd: files.dir });
  const answer = dev.fetch(`/sse?url=http://127.0.0.1:${port}/`);
  const response = await started.promise;
  // A hang in the other Worker is found meanwhile.
  await (await quiet(dev)).text();
  await (await quiet(dev)).text();
  response.end("inish");
  expect(await (await answer).text()).toBe("finish");
  upstream.close();
});

test("a response that the client reads slowly is left alone", async () => {
  await using files = await project();
  await using dev = await runDev(PAIR_CONFIGS, { cwd: files.dir });
  const answer = createDeferred<IncomingMessage>();
  httpRequest(`http://127.0.0.1:${dev.port}/large`, answer.resolve).end();
  const response = await answer.promise;
  await (await quiet(dev)).text();
  await (await quiet(dev)).text();
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(16e6);
});

test("a request body that the client sends slowly is left alone", async () => {
  await using files = await project();
  await using dev = await runDev(PAIR_CONFIGS, { cwd: files.dir });
  const answer = createDeferred<string>();
  const upload = httpRequest(
    `http://127.0.0.1:${dev.port}/upload`,
    { method: "POST" },
    (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => answer.resolve(text));
    },
  );
  upload.write("f");
  await (await quiet(dev)).text();
  await (await quiet(dev)).text();
  upload.end("inish");
  expect(await answer.promise).toBe("6");
});

test("a Worker that uses Node modules which wait on their own is only warned", async () => {
  await using files = await tempProject({
    "app/wrangler.json": config("app", { compatibility_flags: ["nodejs_compat"] }),
    "app/src/index.ts": `
      import "node:zlib";
      let release: (text: string) => void = () => {};
      export default {
        async fetch(request: Request) {
          if (new URL(request.url).pathname === "/wait")
            return new Response(await new Promise((resolve) => { release = resolve; }));
          release("released");
          return new Response("ok");
        },
      };`,
  });
  await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
  const waiting = dev.fetch("/wait");
  await dev.waitForLine(/waiting for nothing that drover can see/);
  await (await dev.fetch("/")).text();
  expect(await (await waiting).text()).toBe("released");
});

import { WorkerEntrypoint } from "cloudflare:workers";
import { rewrite } from "./rewriter.js";
import { streams } from "./streams.js";

export class Self extends WorkerEntrypoint {
  add(a, b) {
    return a + b;
  }
}

/** One loop per figure; the benchmark times whole requests with few and with many rounds. */
const loops = {
  async sequential(env, n) {
    for (let i = 0; i < n; i++) await env.SERVICE.add(i, 1);
  },
  async parallel(env, n) {
    for (let left = n; left > 0; left -= 1000) {
      const calls = [];
      for (let i = 0; i < Math.min(left, 1000); i++) calls.push(env.SERVICE.add(i, 1));
      await Promise.all(calls);
    }
  },
  async pipeline(env, n) {
    for (let i = 0; i < n; i++) {
      using first = env.SERVICE.step();
      await first.next().value();
    }
  },
  async callback(env, n) {
    await env.SERVICE.callBack((i) => i, n);
  },
  async self(env, n) {
    for (let i = 0; i < n; i++) await env.SELF.add(i, 1);
  },
  async echo(env, n, bytes) {
    const value = new Uint8Array(bytes);
    for (let i = 0; i < n; i++) await env.SERVICE.echo(value);
  },
  async stream(env, n, bytes) {
    for (let i = 0; i < n; i++) {
      let got = 0;
      for await (const chunk of await env.SERVICE.stream(bytes)) got += chunk.byteLength;
      if (got !== bytes) throw new Error(`got ${got} of ${bytes} bytes`);
    }
  },
  async chain(env, n) {
    for (let i = 0; i < n; i++) await env.SERVICE.chain(8);
  },
  async stubs(env, n) {
    for (let i = 0; i < n; i++) {
      using step = await env.SERVICE.step();
      await step.value();
    }
  },
};

/** 1 MB, made as it is read. */
function megabyte() {
  let left = 16;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(new Uint8Array(65536));
      left -= 1;
    },
  });
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.startsWith("/streams/")) {
      await streams[pathname.slice("/streams/".length)](Number(searchParams.get("n")));
      return new Response("done");
    }
    if (pathname.startsWith("/rewriter/")) {
      await rewrite(pathname.slice("/rewriter/".length), Number(searchParams.get("n")));
      return new Response("done");
    }
    if (pathname === "/") return new Response("hello");
    if (pathname === "/log") {
      console.log("user", 17, { id: 3 });
      return new Response("logged");
    }
    if (pathname === "/fetch") return env.SERVICE.fetch("http://service/");
    if (pathname === "/rpc") return new Response(String(await env.SERVICE.add(1, 2)));
    if (pathname === "/stream-body") return new Response(megabyte());
    if (pathname === "/echo-body") return new Response(await request.arrayBuffer());
    const loop = loops[pathname.slice(1)];
    if (!loop) return new Response("no such loop", { status: 404 });
    await loop(env, Number(searchParams.get("n")), Number(searchParams.get("bytes")));
    return new Response("done");
  },
};

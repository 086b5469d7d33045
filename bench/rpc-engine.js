/**
 * The engine alone, thread to thread: what a call, a callback, a chain, bytes and streams cost.
 * Run from the repository's root after `npx tsc -b src/rpc`: `node bench/rpc-engine.js [filter]`.
 * Prints the median of several rounds; asserts nothing.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isMainThread, MessageChannel, Worker, workerData } from "node:worker_threads";
import { RpcContext } from "../dist/rpc/context.js";
import { RpcEngine } from "../dist/rpc/engine.js";
import { createPortTransport } from "../dist/rpc/transports/message-port.js";

const flags = {
  rpc: true,
  rpcParamsDupStubs: true,
  enhancedErrorSerialization: true,
  abortSignalRpc: true,
  fetcherHasGetPutDelete: false,
  serviceBindingExtraHandlers: false,
};

function createSide(entrypoint) {
  const als = new AsyncLocalStorage();
  const links = new Map();
  const newContext = (trace) => new RpcContext({ trace, kind: "request" });
  const engine = new RpcEngine({
    currentContext: () => als.getStore(),
    runInContext: (context, fn) => als.run(context, fn),
    channelFor: (token) => channel(token),
    valueTypes: [],
    flags,
    report: () => {},
    accept(open) {
      const context = newContext(open.trace);
      return {
        context,
        target: () => new entrypoint(engine),
        lookup: "class",
        event: () => {},
        finished: () => context.end(),
      };
    },
  });
  const channel = (token) => ({ token, connect: () => links.get(token.service) });
  return { als, engine, links, channel, newContext };
}

class Service {
  #engine;
  constructor(engine) {
    this.#engine = engine;
  }
  add(a, b) {
    return a + b;
  }
  echo(value) {
    return value;
  }
  async callBack(fn, times) {
    let sum = 0;
    for (let i = 0; i < times; i++) sum += await fn(i);
    return sum;
  }
  level1() {
    return new Chain(this.#engine.RpcTarget);
  }
  stub() {
    return () => 1;
  }
  async count(stream) {
    let total = 0;
    for await (const chunk of stream) total += chunk.length;
    return total;
  }
}

/** An RpcTarget without knowing the class when this module is evaluated. */
class Chain {
  constructor(RpcTarget) {
    const Class = class extends RpcTarget {
      level2() {
        return { level3: () => 3 };
      }
    };
    // biome-ignore lint/correctness/noConstructorReturn: the class depends on the engine
    return new Class();
  }
}

if (isMainThread) await main();
else {
  const side = createSide(Service);
  side.engine.openLink(createPortTransport(workerData.port), "main");
}

async function main() {
  const side = createSide(Service);
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { port: port2 },
    transferList: [port2],
  });
  side.links.set("remote", side.engine.openLink(createPortTransport(port1), "remote"));
  side.links.set("self", side.engine.createSelfLink("self"));
  const remote = side.engine.createServiceStub(side.channel({ service: "remote" }));
  const self = side.engine.createServiceStub(side.channel({ service: "self" }));
  const filter = process.argv[2] ?? "";

  /** Runs `round` a few times in an invocation; prints us per operation. */
  async function measure(
    name,
    count,
    round,
    unit = (ms) => `${((ms * 1000) / count).toFixed(2)} us`,
  ) {
    if (!name.includes(filter)) return;
    const times = [];
    for (let i = 0; i < 7; i++) {
      const context = side.newContext({ requestId: "", depth: 0 });
      const start = performance.now();
      await side.als.run(context, () => round(count));
      times.push(performance.now() - start);
      context.end();
    }
    times.sort((a, b) => a - b);
    console.log(`${name.padEnd(44)} ${unit(times[3])} (best ${unit(times[0])})`);
  }
  const mbps = (bytes) => (ms) => `${(bytes / 1e6 / (ms / 1000)).toFixed(0)} MB/s`;

  for (const [name, stub] of [
    ["thread", remote],
    ["self", self],
  ]) {
    await measure(`${name}: sequential call`, 5000, async (n) => {
      for (let i = 0; i < n; i++) await stub.add(i, 1);
    });
    await measure(`${name}: 1,000 in flight`, 10000, async (n) => {
      for (let i = 0; i < n; i += 1000) {
        await Promise.all(Array.from({ length: 1000 }, (_, k) => stub.add(k, 1)));
      }
    });
    await measure(`${name}: pipelined chain of three`, 1000, async (n) => {
      for (let i = 0; i < n; i++) {
        const p = stub.level1();
        await p.level2().level3();
        p[Symbol.dispose]();
      }
    });
    await measure(`${name}: callback round trip`, 2000, async (n) => {
      await stub.callBack((x) => x, n);
    });
    await measure(`${name}: stub made and disposed`, 1000, async (n) => {
      for (let i = 0; i < n; i++) (await stub.stub())[Symbol.dispose]();
    });
    const small = {
      id: 1,
      name: "x".repeat(100),
      tags: Array.from({ length: 20 }, (_, i) => ({ i, s: `tag ${i}` })),
    };
    await measure(`${name}: 1 KB object there and back`, 2000, async (n) => {
      for (let i = 0; i < n; i++) await stub.echo(small);
    });
    const kb100 = new Uint8Array(100_000);
    await measure(
      `${name}: 100 KB there and back`,
      500,
      async (n) => {
        for (let i = 0; i < n; i++) await stub.echo(kb100);
      },
      mbps(500 * 200_000),
    );
    const mb10 = new Uint8Array(10_000_000);
    await measure(
      `${name}: 10 MB there and back`,
      5,
      async (n) => {
        for (let i = 0; i < n; i++) await stub.echo(mb10);
      },
      mbps(5 * 20_000_000),
    );
    const total = 128 * 1024 * 1024;
    await measure(
      `${name}: byte stream`,
      1,
      async () => {
        let left = total;
        const chunk = new Uint8Array(64 * 1024);
        const stream = new ReadableStream({
          pull(controller) {
            if (left === 0) return controller.close();
            left -= chunk.length;
            controller.enqueue(chunk);
          },
        });
        if ((await stub.count(stream)) !== total) throw new Error("bytes were lost");
      },
      mbps(total),
    );
  }
  await worker.terminate();
  process.exit(0);
}

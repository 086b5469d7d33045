import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { BundleModule } from "../../../src/protocol/bundle.ts";
import { TestHost } from "./harness.ts";

const server = createServer((request, response) => {
  if (request.url === "/hang") return;
  if (request.url === "/gzip") {
    response.setHeader("content-encoding", "gzip").end(gzipSync("packed"));
    return;
  }
  request.resume().on("end", () => response.end("text"));
});
const sockets = new WebSocketServer({ server, path: "/ws" });
sockets.on("connection", (socket) => socket.on("message", () => socket.send("back")));
const stateRoot = mkdtempSync(join(tmpdir(), "drover-hostile-"));
let origin = "";

const folder = join(import.meta.dirname, "workers/hostile");
const surface = JSON.parse(
  readFileSync(join(import.meta.dirname, "expected/node-surface.json"), "utf8"),
) as { dates: Record<string, Record<string, object | null>> };
const MODULES = [
  ...Object.keys(surface.dates["2026-11-17"] ?? {}).map((name) => `node:${name}`),
  ..."workers sockets email workflows durable-objects node pipelines"
    .split(" ")
    .map((name) => `cloudflare:${name}`),
];

/** Texts that only the host can know. */
const HOST_TEXT = [
  homedir(),
  process.cwd(),
  process.execPath,
  "node_modules",
  stateRoot,
  "drover:runtime",
  "thread-boot",
  "/dist/",
]
  .filter((text) => text.length > 2)
  .map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
  .join("|");

interface Found {
  readonly kinds: Record<string, string>;
  readonly functions: Record<string, string>;
  readonly texts: Record<string, string>;
  readonly count: number;
  readonly patched?: number;
  readonly caught?: number;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  sockets.close();
  server.closeAllConnections();
  server.close();
  rmSync(stateRoot, { recursive: true });
});

async function attack(path: string): Promise<Found> {
  await using host = new TestHost();
  const head = `const MODULES = ${JSON.stringify(MODULES)}; const PATTERN = /${HOST_TEXT}/;\n`;
  const source = (name: string): string => readFileSync(join(folder, name), "utf8");
  const modules: BundleModule[] = [
    { name: "file:///app/hostile/worker.js", kind: "esm", contents: head + source("worker.js") },
    { name: "file:///app/hostile/patch.js", kind: "esm", contents: source("patch.js") },
    { name: "file:///app/hostile/walk.js", kind: "esm", contents: source("walk.js") },
  ];
  const target = { service: "friend" };
  await host.start({
    name: "friend",
    code: `import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
      class Target extends RpcTarget { hello() { return "hello"; } }
      export default class extends WorkerEntrypoint {
        fetch() { return new Response("friend"); }
        fail() { throw new TypeError("told to"); }
        give() { return { map: new Map([[1, new Date(0)]]), target: new Target(), stream: new Response("s").body }; }
      }`,
  });
  const worker = await host.start({
    name: "hostile",
    code: modules,
    spec: {
      compatibilityDate: "2026-11-17",
      compatibilityFlags: [],
      durableObjects: { classes: [{ name: "Counter", storage: "sqlite" }], stateRoot },
      bindings: [
        { type: "service", name: "FRIEND", target },
        { type: "durable-object", name: "COUNTER", className: "Counter", service: "hostile" },
        { type: "var", name: "TEXT", value: "text" },
        { type: "var", name: "JSON", value: { a: 1 } },
      ],
    },
  });
  const answer = await worker.fetch(`${path}?origin=${encodeURIComponent(origin)}`);
  if (answer.failure !== undefined) throw new Error(answer.failure.stack);
  return JSON.parse(answer.text) as Found;
}

/** Names of classes that production shows: globals, exports of modules, what its objects are made of. */
const globals = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../surface/recorded.json"), "utf8"),
) as Record<string, Record<string, unknown>>;
const PRODUCTION = new Set([
  ...Object.entries(globals)
    .filter(([name]) => /^scope \d$/.test(name))
    .flatMap(([, texts]) => Object.keys(texts))
    .flatMap((text) => text.match(/[\w$]+(?=[/:])/g) ?? []),
  ...Object.values(surface.dates["2026-11-17"] ?? {}).flatMap((exports) =>
    Object.keys(exports ?? {}),
  ),
  ..."null function Cloudflare DurableObject DurableObjectId DurableObjectNamespace EventCounts ExecutionContext Fetcher PerformanceNodeTiming Scheduler Span Tracing TypedArray WorkerEntrypoint".split(
    " ",
  ),
  // Of modules: not exported by name there either.
  ..."AsyncHook CallSite ReadableState WritableState SyncWriteStream LazyTransform".split(" "),
  ..."Brotli Zlib ZlibBase Zstd AbstractModuleSource Tag StackBase JSTransferable".split(" "),
]);

/** Parts of Node's implementations of the classes above; none has anything of the host. */
const PARTS =
  "Listener Part Queue SafeMap SafeSet Converter URLContext AsyncContextFrame InactiveAsyncContextFrame InternalReadableByteStream InternalReadableStream InternalWritableStream DefaultReadRequest PipeToReadableStreamReadRequest ReadableStreamState ReadableStreamTransferState WritableStreamState WritableStreamTransferState TransformStreamState TransformStreamControllerState AsyncWrap HashJob SecretKeyGenJob CryptoKey";

/** What is left of the runtime where intrinsics are replaced: SECURITY.md, "What is not kept". */
const BOOKKEEPING =
  "TimersList Immediate TickObject Console LineSink HttpCall SocketCall TcpPortCall NetworkPort Session SessionLink SessionTables Invocation RpcContext RequestTrace Table Deferred Deque LazyPromise NativeReadable PromisedRead Question Readers ReadableCore Reader Reading Database InputGate InputGate2 KvTable NamespaceHost ObjectDatabase ObjectInstance OpenFiles Part Sockets StorageEngine StoredValues";

/** A store of an invocation has no members, no prototype and nothing to give. */
const NOTHING = ["[object Object]"];

/** Node's KeyObject has a base without a name, and a handle of its own. */
const KEY_BASE = /^anonymous .*(?:KeyObject|kKeyType|kHandle|kKeyObject)/;

/** Kinds of objects that are neither production's nor explained. */
function strangers(found: Found, known: string): Record<string, string> {
  const allowed = new Set([...PRODUCTION, ...NOTHING, ...known.split(" ")]);
  return Object.fromEntries(
    Object.entries(found.kinds).filter(([kind]) => !allowed.has(kind) && !KEY_BASE.test(kind)),
  );
}

describe("a hostile Worker", () => {
  test("finds nothing of the host in what it can reach", async () => {
    const found = await attack("/walk");
    expect(found.count).toBeGreaterThan(5_000);
    expect(strangers(found, PARTS)).toEqual({});
    expect(found.texts).toEqual({});
    expect(found.functions).toEqual({});
  });

  test("finds nothing of the host by patching all that it can reach", async () => {
    const found = await attack("/patch");
    expect(found.patched).toBeGreaterThan(1_500);
    expect(found.caught).toBeGreaterThan(1_000);
    expect(strangers(found, `${PARTS} ${BOOKKEEPING}`)).toEqual({});
    expect(found.texts).toEqual({});
    expect(found.functions).toEqual({});
  });

  test("sees no module of Node by patching before it asks for the first", async () => {
    await using host = new TestHost();
    // Modules that a Worker's own are no copies of, told by all their members; of any, how they are looked up.
    const node = Object.fromEntries(
      ["dgram", "fs", "module", "net"].map((name) => [
        name,
        Object.getOwnPropertyNames(process.getBuiltinModule(name)),
      ]),
    );
    const head = `const MODULES = ${JSON.stringify(MODULES)}; const NODE = ${JSON.stringify(node)};
      const LOOKUP = ${JSON.stringify(String(process.getBuiltinModule))};\n`;
    const worker = await host.start({
      name: "late",
      code: head + readFileSync(join(folder, "late.js"), "utf8"),
      spec: { compatibilityDate: "2026-11-17", compatibilityFlags: [] },
    });
    const answer = await worker.fetch("/");
    const { patched, imported, found } = JSON.parse(answer.text) as {
      readonly patched: number;
      readonly imported: number;
      readonly found: readonly string[];
    };
    expect(patched).toBeGreaterThan(100);
    expect(imported).toBeGreaterThan(60);
    expect(found).toEqual([]);
  });
});

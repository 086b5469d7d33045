import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

/*
 * The layers in words. The compiler holds them too (project references), but a reader wants a
 * sentence, and TypeScript does not see `new URL("../runtime/...")`.
 */
const src = resolve(import.meta.dirname, "../src");

/** Layer -> layers that it may import. */
const mayImport: Record<string, readonly string[]> = {
  util: [],
  protocol: [],
  compat: [],
  rpc: ["util", "protocol"],
  client: ["util", "protocol", "rpc"],
  storage: ["util", "protocol"],
  assets: ["util", "protocol"],
  resources: ["util", "protocol", "rpc", "isolate", "web", "storage"],
  config: ["util", "protocol", "compat", "assets"],
  isolate: ["util", "protocol", "compat", "rpc"],
  web: ["util", "protocol", "rpc", "isolate"],
  node: ["util", "protocol", "rpc", "isolate", "web"],
  "durable-objects": ["util", "protocol", "rpc", "isolate", "web", "storage"],
  runtime: [
    "util",
    "protocol",
    "compat",
    "rpc",
    "isolate",
    "web",
    "node",
    "storage",
    "durable-objects",
  ],
  bundle: ["util", "protocol", "compat", "config"],
  types: ["util", "protocol", "compat", "config", "bundle"],
  registry: ["util", "protocol"],
  host: ["util", "protocol", "assets"],
  session: ["util", "protocol", "storage", "assets", "config", "bundle", "registry"],
  cli: [
    "util",
    "protocol",
    "client",
    "storage",
    "resources",
    "config",
    "types",
    "session",
    "registry",
  ],
  api: ["util", "protocol", "client", "storage", "config", "session"],
  "index.ts": ["util", "protocol", "session", "api"],
};

/** Layers whose code runs in a Worker's thread, perhaps among others. */
const IN_THREADS = [
  "runtime",
  "durable-objects",
  "node",
  "web",
  "isolate",
  "rpc",
  "storage",
  "compat",
  "protocol",
  "util",
];

interface Import {
  readonly file: string;
  readonly layer: string;
  readonly target: string;
}

function layerOf(file: string): string {
  return relative(src, file).split(sep)[0] as string;
}

function allImports(): Import[] {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(src, name));
  return files.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((m) => m[1]);
    return specifiers.map((specifier) => ({
      file: relative(src, file),
      layer: layerOf(file),
      target: specifier as string,
    }));
  });
}

const imports = allImports();

/** The files of one cycle, the first of them again at the end; undefined if there is none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const at = path.indexOf(file);
    if (at !== -1) return [...path.slice(at), file];
    if (done.has(file)) return undefined;
    done.add(file);
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

test("every folder of src is a layer with a rule", () => {
  const folders = readdirSync(src).filter((name) => !name.startsWith("tsconfig"));
  expect(folders.sort()).toEqual(Object.keys(mayImport).sort());
});

test("the compiler holds each layer to the same rule", () => {
  for (const [layer, allowed] of Object.entries(mayImport)) {
    const folder = layer === "index.ts" ? src : join(src, layer);
    const config = JSON.parse(readFileSync(join(folder, "tsconfig.json"), "utf8")) as {
      references: { path: string }[];
    };
    const referenced = config.references.map(({ path }) => relative(src, join(folder, path)));
    expect(referenced.sort(), layer).toEqual([...allowed].sort());
  }
});

test("layers import downwards only", () => {
  const upward = imports
    .filter(({ target }) => target.startsWith("."))
    .map((entry) => ({
      ...entry,
      targetLayer: layerOf(resolve(src, dirname(entry.file), entry.target)),
    }))
    .filter(
      ({ layer, targetLayer }) => targetLayer !== layer && !mayImport[layer]?.includes(targetLayer),
    )
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(upward).toEqual([]);
});

test("no file of src imports itself by a detour, not even a type", () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of imports) {
    const to = target.startsWith(".") ? [relative(src, resolve(src, dirname(file), target))] : [];
    graph.set(file, [...(graph.get(file) ?? []), ...to]);
  }
  expect(cycleIn(graph)?.join("\n  imports ")).toBeUndefined();
});

test("a cycle is found and told", () => {
  const graph = new Map([
    ["a.ts", ["b.ts", "c.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["d.ts"]],
    ["d.ts", ["b.ts"]],
  ]);
  expect(cycleIn(graph)).toEqual(["b.ts", "c.ts", "d.ts", "b.ts"]);
  expect(cycleIn(new Map([["a.ts", ["a.ts"]]]))).toEqual(["a.ts", "a.ts"]);
});

/** The RPC engine from the ground up: a folder imports those before it only. */
const engineFolders = ["contracts", "codec", "streams", "calls", "stubs", "session", "link"];

test("the folders of the RPC engine are read from the ground up", () => {
  const folders = readdirSync(join(src, "rpc"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "transports")
    .map(({ name }) => name);
  expect(folders.sort()).toEqual([...engineFolders].sort());
  const upward = imports
    .filter(({ layer, target }) => layer === "rpc" && target.startsWith("."))
    .map(({ file, target }) => [file, relative(src, resolve(src, dirname(file), target))] as const)
    .filter(([from, to]) => rank(from) >= 0 && rank(from) < rank(to))
    .map(([from, to]) => `${from} imports ${to}`);
  expect(upward).toEqual([]);

  /** Files beside the folders may be used by all (context, texts) or use all (engine.ts). */
  function rank(file: string): number {
    return engineFolders.indexOf(file.split(sep)[1] as string);
  }
});

test("code in a Worker's thread never reaches for the main side's packages", () => {
  const mainSide = /^(esbuild|chokidar|commander|kleur|smol-toml|jsonc-parser)$/;
  const wrong = imports.filter(
    ({ layer, target }) => IN_THREADS.includes(layer) && mainSide.test(target),
  );
  expect(wrong).toEqual([]);
});

test("the RPC engine knows no Worker, no server and no process", () => {
  const wrong = imports.filter(
    ({ layer, target }) =>
      layer === "rpc" && /^(node:(http|https|fs|child_process|vm)|ws|undici)$/.test(target),
  );
  expect(wrong).toEqual([]);
});

test("every source file that ARCHITECTURE.md names exists", () => {
  const root = dirname(src);
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const named = text.match(/\b(?:src|scripts|test|bin)\/[\w/.-]+\.[jt]s\b/g) ?? [];
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

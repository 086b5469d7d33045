import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** The runtime that the specs were read from. Fetched on demand, never a dependency. */
export const WORKERD_VERSION = "1.20261117.1";

const cache = new URL("../../.cache/parity/", import.meta.url).pathname;
const workers = new URL("../conformance/workers/", import.meta.url).pathname;

/** Path of the workerd binary, installed from the registry into .cache/ at first use. */
function workerdBinary() {
  const modules = join(cache, "node_modules");
  const platform = `${process.platform}-${process.arch === "x64" ? "64" : process.arch}`;
  const binary = join(modules, "@cloudflare", `workerd-${platform}`, "bin/workerd");
  if (!existsSync(binary)) {
    mkdirSync(cache, { recursive: true });
    execFileSync(
      "npm",
      [
        "install",
        "--prefix",
        cache,
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        `workerd@${WORKERD_VERSION}`,
      ],
      { stdio: "inherit" },
    );
  }
  return binary;
}

const text = (value) => JSON.stringify(value);

/** @param file with the Worker's code, beside the config */
function capnpWorker(worker, file, { date, flags }) {
  const bindings = Object.entries(worker.services).map(
    ([name, { service, entrypoint, props }]) =>
      `(name = ${text(name)}, service = (name = ${text(service)}` +
      (entrypoint ? `, entrypoint = ${text(entrypoint)}` : "") +
      (props ? `, props = (json = ${text(JSON.stringify(props))})` : "") +
      "))",
  );
  return `(name = ${text(worker.name)}, worker = (
    modules = [(name = "main.js", esModule = embed ${text(file)})],
    compatibilityDate = ${text(worker.date ?? date)},
    compatibilityFlags = [${(worker.flags ?? flags).map(text)}],
    bindings = [${bindings.join(", ")}], globalOutbound = "net"))`;
}

/**
 * Run a topology on the real runtime.
 * @returns {Promise<{ url: string, output: () => string, stop(): Promise<void> }>}
 */
export async function startWorkerd(topology, date, set) {
  mkdirSync(cache, { recursive: true });
  const services = [
    `(name = "net", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true)))`,
  ];
  for (const worker of topology) {
    const { outputFiles } = await build({
      entryPoints: [join(workers, worker.main)],
      bundle: true,
      format: "esm",
      target: "es2024",
      supported: { using: false },
      external: ["cloudflare:*", "node:*"],
      write: false,
      logLevel: "silent",
    });
    const file = `${worker.name}.js`;
    writeFileSync(join(cache, file), outputFiles[0].contents);
    services.push(capnpWorker(worker, file, set));
  }
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(",\n")}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = ${text(topology[0].name)})]
);`;
  const file = join(cache, `${topology.map((worker) => worker.name).join("-")}-${date}.capnp`);
  return serve(file, config);
}

const KINDS = {
  js: "esModule",
  mjs: "esModule",
  cjs: "commonJsModule",
  json: "json",
  wasm: "wasm",
  bin: "data",
};

/**
 * Run one Worker of these modules, which are what their names end in; the first is the entry.
 * @param {string} folder
 * @param {readonly string[]} names relative to the folder
 * @param {string} date
 * @param {readonly string[]} flags
 */
export async function serveModules(folder, names, date, flags = []) {
  mkdirSync(cache, { recursive: true });
  const modules = names.map((name, index) => {
    const file = `module-${index}`;
    copyFileSync(join(folder, name), join(cache, file));
    const kind = KINDS[name.slice(name.lastIndexOf(".") + 1)] ?? "text";
    return `(name = ${text(name)}, ${kind} = embed ${text(file)})`;
  });
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "net", network = (allow = ["public", "private"])), (name = "worker", worker = (
    modules = [${modules.join(", ")}], compatibilityDate = ${text(date)},
    compatibilityFlags = [${flags.map(text)}], globalOutbound = "net",
    bindings = [(name = "TEXT", text = "text"), (name = "JSON", json = ${text('{"a":1}')})]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")]
);`;
  return serve(join(cache, "modules.capnp"), config);
}

/**
 * @param {string} file where the config is written
 * @param {string} config
 */
async function serve(file, config) {
  writeFileSync(file, config);
  const child = spawn(workerdBinary(), ["serve", "--experimental", "--control-fd=3", file], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const exited = new Promise((resolve) => child.once("close", resolve));
  const port = await new Promise((resolve, reject) => {
    let control = "";
    child.stdio[3].on("data", (data) => {
      control += data;
      const match = /"event":"listen","socket":"http","port":(\d+)/.exec(control);
      if (match) resolve(match[1]);
    });
    void exited.then((code) => reject(new Error(`workerd exited ${code}:\n${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

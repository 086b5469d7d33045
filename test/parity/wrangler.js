/** The real wrangler, for `npm run parity -- state`: fetched on demand, never a dependency. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** What test/state was recorded with. */
export const WRANGLER_VERSION = "4.164.0";

const cache = new URL("../../.cache/parity/", import.meta.url).pathname;

/**
 * wrangler wants Node 22: DROVER_WRANGLER_NODE names one where the tests run on an older one.
 * DROVER_WRANGLER names an installed `wrangler` folder to use instead of fetching it.
 */
const node = process.env.DROVER_WRANGLER_NODE ?? process.execPath;
const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1", NO_COLOR: "1" };

function wranglerScript() {
  const folder = process.env.DROVER_WRANGLER ?? join(cache, "node_modules/wrangler");
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const options = ["--prefix", cache, "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...options, `wrangler@${WRANGLER_VERSION}`], {
      stdio: "inherit",
    });
  }
  return join(folder, "bin/wrangler.js");
}

/** Node and wrangler's script, for whoever spawns it: no path has a blank in it. */
export function wranglerCommand() {
  return [node, wranglerScript()];
}

/**
 * Runs a command to its end, in a folder with a config.
 * @param {string} cwd
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export async function runWrangler(cwd, args) {
  try {
    const { stdout, stderr } = await promisify(execFile)(node, [wranglerScript(), ...args], {
      cwd,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return { code: error.code, stdout: error.stdout, stderr: error.stderr };
  }
}

/**
 * `wrangler dev` in a folder with a config.
 * @param {string} cwd
 * @param {readonly string[]} [configs] default: the folder's own
 * @returns {Promise<{ url: string, output: () => string, stop(): Promise<void> }>}
 */
export async function startWranglerDev(cwd, configs = []) {
  const child = spawn(
    node,
    [wranglerScript(), "dev", "--port", "0", ...configs.flatMap((config) => ["-c", config])],
    {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const exited = new Promise((resolve) => child.once("close", resolve));
  const url = await new Promise((resolve, reject) => {
    const onData = (data) => {
      output += data;
      const match = /Ready on (http:\/\/\S+)/.exec(output);
      if (match !== null) resolve(match[1]);
    };
    child.stdout.on("data", onData);
    child.stderr.on("data", onData);
    void exited.then((code) => reject(new Error(`wrangler dev exited ${code}:\n${output}`)));
  });
  return {
    url,
    output: () => output,
    async stop() {
      child.kill("SIGINT");
      await exited;
    },
  };
}

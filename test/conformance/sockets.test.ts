import { randomBytes } from "node:crypto";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { conformance } from "./suite.ts";

/** The Worker with the cases in one session, all others in a second one. */
async function twoSessions([first, ...others]: readonly string[]) {
  const registry = `test-${process.pid}-${randomBytes(4).toString("hex")}`;
  const env = { DROVER_REGISTRY: registry, DROVER_REGISTRY_IDLE_MS: "200" };
  const primary = await runDev(first as string, { env });
  const peer = await runDev(others, { env });
  while (await isWaiting(primary));
  return {
    primary,
    async stop() {
      await peer[Symbol.asyncDispose]();
      await primary[Symbol.asyncDispose]();
    },
  };
}

/** True while a Worker that it is bound to is still to come. */
async function isWaiting(dev: RunningDev): Promise<boolean> {
  const page = await (await dev.fetch("/cdn-cgi/drover/status")).text();
  return /is (not running|starting)"/.test(page);
}

await conformance("pair", "two Workers over sockets", twoSessions);

/** `node:os`: one machine for all Workers (spec/node.md 6.1), not the one that they run on. */
import { inspect } from "node:util";
import { hostModule } from "../isolate/own-world.ts";
import { invalidType, nodeError } from "./errors.ts";

export function osModule(): Record<string, unknown> {
  const { constants } = hostModule("os") as typeof import("node:os");
  return {
    EOL: "\n",
    arch: () => "x64",
    availableParallelism: () => 1,
    constants: deepFrozenCopy(constants),
    cpus: () => [],
    devNull: "/dev/null",
    endianness: () => "LE",
    freemem: () => 0,
    getPriority: () => 0,
    homedir: () => "/tmp/",
    hostname: () => "localhost",
    loadavg: () => [0, 0, 0],
    machine: () => "x86_64",
    networkInterfaces: () => ({}),
    platform: () => "linux",
    release: () => "",
    setPriority: (pid: unknown, priority: unknown = pid) => {
      if (typeof pid !== "number") throw invalidType("pid", "of type number", pid);
      if (typeof priority !== "number") throw invalidType("priority", "of type number", priority);
    },
    tmpdir: () => "/tmp/",
    totalmem: () => 0,
    type: () => "Linux",
    uptime: () => 0,
    userInfo: (options?: { readonly encoding?: unknown }) => {
      const encoding = options?.encoding ?? "utf8";
      if (encoding === "buffer" || Buffer.isEncoding(String(encoding))) return {};
      const message = `The property 'options.encoding' must be a valid encoding. Received ${inspect(encoding)}`;
      throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
    },
    version: () => "",
  };
}

/** Numbers of this platform: on Linux those of production. */
function deepFrozenCopy(value: object): object {
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    typeof inner === "object" && inner !== null ? deepFrozenCopy(inner as object) : inner,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

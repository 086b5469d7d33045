/** In which order the Workers of a session are built at its start. Used by DevSession. */
import type { ResolvedConfig } from "../config/types.ts";

interface Built {
  readonly config: ResolvedConfig;
}

/**
 * The primary, then what it calls, then what those call: whoever asks the primary for something reaches
 * them next. The rest follows in config order.
 */
export function buildOrder<W extends Built>(workers: readonly W[]): readonly W[] {
  const byName = new Map(workers.map((worker) => [worker.config.name, worker]));
  const order = new Set<W>(workers.slice(0, 1));
  // A set goes on with what is added meanwhile.
  for (const { config } of order) {
    for (const name of calleesOf(config)) {
      const callee = byName.get(name);
      if (callee !== undefined) order.add(callee);
    }
  }
  return [...new Set([...order, ...workers])];
}

function calleesOf(config: ResolvedConfig): readonly string[] {
  return [
    ...config.services.map(({ service }) => service),
    ...config.externalDurableObjects.map(({ scriptName }) => scriptName),
  ];
}

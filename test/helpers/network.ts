/* The host's network and the thread's way to it, in one process. */
import { Network } from "../../src/host/outbound/network.ts";
import type { HttpClient } from "../../src/host/outbound/request.ts";
import { installNetwork } from "../../src/runtime/outbound/open-network.ts";

/** Resolves when the HTTP client is loaded: while the globals that it needs are there. */
export async function useRealNetwork(): Promise<void> {
  const client = (await import("undici")) as unknown as HttpClient;
  installNetwork((port) => {
    new Network(port, async () => client);
  });
}

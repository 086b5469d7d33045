/** Opens the raw TCP listeners of all configs (`connect[]`). Called by DevSession when it starts. */
import type { ResolvedConfig } from "../config/types.ts";
import type { SessionEvent } from "./events.ts";
import type { FrontSockets } from "./front-sockets.ts";

export interface TcpListenerOptions {
  /** Of the session: where a listener without an address listens. */
  readonly ip: string;
  readonly sockets: FrontSockets;
  readonly dispatch: (event: SessionEvent) => void;
}

/** @throws UserError PORT_TAKEN or PORT_UNUSABLE (exit code 4) */
export async function openTcpListeners(
  configs: readonly Pick<ResolvedConfig, "name" | "listeners">[],
  { ip, sockets, dispatch }: TcpListenerOptions,
): Promise<void> {
  for (const { name, listeners } of configs) {
    for (const { address = ip, port } of listeners) {
      const open = { ip: address, port, secure: false, tcp: { worker: name } };
      const text = `Listening for TCP connections on ${address}:${await sockets.open(open)}`;
      const entry = { kind: "runtime", level: "info", text, time: Date.now() } as const;
      dispatch({ type: "log", worker: name, entry });
    }
  }
}

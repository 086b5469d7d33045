/** Opens the thread's way out with the first outbound request: nothing before. */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { runOutside } from "../../isolate/invocation.ts";
import { type Network, setNetwork } from "../../web/http/network.ts";
import { installDialler } from "../../web/websocket/client.ts";
import { createNetwork } from "./network-port.ts";

/** `hand` gives the other end to the host. Once per thread. */
export function installNetwork(hand: (port: MessagePort) => void): void {
  let network: Network | undefined;
  installDialler();
  setNetwork(() => {
    // Outside of any invocation: answers to all of them arrive here.
    network ??= runOutside(() => {
      const { port1, port2 } = new MessageChannel();
      hand(port2);
      return createNetwork(port1);
    });
    return network;
  });
}

/**
 * Where a session is reached: its port, the ports of single Workers, the raw TCP listeners, and the
 * certificate of all of them. Owned by DevSession; the sockets themselves are front-sockets.ts'.
 */
import type { ResolvedConfig } from "../config/types.ts";
import type { HostSettings } from "../protocol/host.ts";
import { addressOf } from "./address.ts";
import type { ReadyInfo, SessionEvent } from "./events.ts";
import type { FrontSockets } from "./front-sockets.ts";
import { RememberedPort } from "./remembered-port.ts";
import type { DevSessionOptions } from "./session-options.ts";
import { openTcpListeners } from "./tcp-listeners.ts";
import { loadTls } from "./tls.ts";
import { openWorkerPorts, type WorkerPorts } from "./worker-ports.ts";

export class Front {
  readonly #sockets: FrontSockets;
  readonly #options: Pick<DevSessionOptions, "tls" | "workerPorts">;
  readonly #dispatch: (event: SessionEvent) => void;
  #port: number | undefined;
  #workerPorts: WorkerPorts = {};
  #tls: HostSettings["tls"];

  constructor(
    sockets: FrontSockets,
    options: Pick<DevSessionOptions, "tls" | "workerPorts">,
    dispatch: (event: SessionEvent) => void,
  ) {
    this.#sockets = sockets;
    this.#options = options;
    this.#dispatch = dispatch;
  }

  /** Undefined without HTTPS. */
  get tls(): HostSettings["tls"] {
    return this.#tls;
  }

  /** Before the host's first settings. Throws a UserError for a certificate that cannot be used. */
  secure(configs: readonly ResolvedConfig[]): void {
    if (!isSecure(configs)) return;
    const hosts = ["localhost", ...configs.map(({ name }) => `${name}.localhost`)];
    this.#tls = loadTls(this.#options.tls, hosts);
  }

  /** Resolves when somebody listens everywhere; what `beside` opens is waited for with the first port. */
  async open(configs: readonly ResolvedConfig[], beside: () => Promise<unknown>): Promise<void> {
    const sockets = this.#sockets;
    const [primary] = configs;
    if (primary === undefined) return;
    const { port: wanted } = primary.dev;
    const where = { ip: ipOf(configs), secure: isSecure(configs) };
    const remembered = new RememberedPort(primary.userRoot, primary.name);
    const front = sockets.open({ ...where, port: wanted, preferred: remembered.port });
    const [port] = await Promise.all([front, beside()]);
    this.#workerPorts = await openWorkerPorts(sockets, this.#options.workerPorts ?? {}, where);
    this.#port = port;
    if (wanted === undefined) remembered.keep(port);
    await openTcpListeners(configs, { ip: where.ip, sockets, dispatch: this.#dispatch });
  }

  /** Undefined until the port is open. */
  addressOf(configs: readonly ResolvedConfig[]): ReadyInfo | undefined {
    const [primary] = configs;
    if (this.#port === undefined || primary === undefined) return undefined;
    const names = configs.map(({ name }) => name);
    const { localProtocol } = primary.dev;
    return addressOf(localProtocol, ipOf(configs), this.#port, names, this.#workerPorts);
  }
}

function isSecure([primary]: readonly ResolvedConfig[]): boolean {
  return primary?.dev.localProtocol === "https";
}

function ipOf([primary]: readonly ResolvedConfig[]): string {
  const fallback = process.platform === "win32" ? "127.0.0.1" : "localhost";
  return primary?.dev.ip ?? fallback;
}

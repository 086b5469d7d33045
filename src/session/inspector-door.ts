/**
 * Where debuggers reach the session: the socket, bound here and listened on by the host process, and
 * what the host has to know. Owned by DevSession; sessions without a terminal have none.
 */
import type { ResolvedConfig } from "../config/types.ts";
import type { InspectorSettings } from "../protocol/host.ts";
import { ExitCode, UserError } from "../util/errors.ts";
import { FrontSockets } from "./front-sockets.ts";
import type { HostProcess } from "./host-process.ts";

export interface InspectorOptions {
  /** Of drover: what clients are told. */
  readonly version: string;
  /** `--inspect`: the addresses are printed. The name of a Worker: it is what clients get that ask for none. */
  readonly inspect?: string | undefined;
  /** `--inspect-brk`: this Worker waits for a client before it is evaluated; "" is the primary. */
  readonly inspectBrk?: string | undefined;
}

/** Where clients connect to. */
export interface InspectorInfo {
  readonly ip: string;
  readonly port: number;
  /** `ws:` URL of each Worker; what clients get that ask for none comes first. */
  readonly workers: readonly { readonly name: string; readonly url: string }[];
  /** The user has asked for it. */
  readonly isWanted: boolean;
}

interface OpenEvent {
  readonly type: "inspector";
  readonly inspector: InspectorInfo;
}

const USE = { defaultPort: 9229, portFlag: "--inspector-port", ipFlag: "--inspector-ip" };
const DEFAULT_IP = "127.0.0.1";

export class InspectorDoor {
  readonly sockets: FrontSockets;
  readonly #options: InspectorOptions | undefined;
  readonly #dispatch: (event: OpenEvent) => void;
  #open: InspectorInfo | undefined;

  /** Without `options` it stays closed. */
  constructor(
    host: HostProcess,
    options: InspectorOptions | undefined,
    dispatch: (event: OpenEvent) => void,
  ) {
    this.#options = options;
    this.#dispatch = dispatch;
    this.sockets = new FrontSockets(host, { purpose: "inspector", use: USE });
  }

  /** Undefined until it is open. */
  get info(): InspectorInfo | undefined {
    return this.#open;
  }

  /** @throws UserError FLAG_VALUE (exit code 2) for a Worker that is not there */
  settings(workers: readonly Pick<ResolvedConfig, "name">[]): InspectorSettings | undefined {
    if (this.#options === undefined) return undefined;
    const { version, inspect, inspectBrk } = this.#options;
    const names = workers.map(({ name }) => name);
    for (const [flag, name] of [
      ["inspect", inspect],
      ["inspect-brk", inspectBrk],
    ] as const) {
      if (name === undefined || name === "" || names.includes(name)) continue;
      throw new UserError(
        "FLAG_VALUE",
        `--${flag}=${name}: no such Worker in this session. There are: ${names.join(", ")}.`,
        { exitCode: ExitCode.config },
      );
    }
    const first = inspectBrk || inspect;
    return {
      version,
      ...(first ? { first } : {}),
      breaks: inspectBrk === undefined ? [] : [inspectBrk || (names[0] as string)],
    };
  }

  /**
   * A port that was asked for and is taken ends the session; any other is no reason to, and nobody
   * waits for it.
   *
   * @throws UserError PORT_TAKEN or PORT_UNUSABLE (exit code 4)
   */
  async open(workers: readonly Pick<ResolvedConfig, "name" | "dev">[]): Promise<void> {
    const primary = workers[0]?.dev;
    if (this.#options === undefined || primary === undefined) return;
    const opening = this.#listen(workers, primary);
    if (this.#isWanted || primary.inspectorPort) await opening;
    else opening.catch(() => {});
  }

  async #listen(
    workers: readonly Pick<ResolvedConfig, "name">[],
    { inspectorIp: ip = DEFAULT_IP, inspectorPort }: ResolvedConfig["dev"],
  ): Promise<void> {
    const port = await this.sockets.open({ ip, port: inspectorPort, secure: false });
    const first = this.settings(workers)?.first;
    const names = workers.map(({ name }) => name);
    const ordered = first === undefined ? names : [first, ...names.filter((it) => it !== first)];
    this.#open = {
      ip,
      port,
      workers: ordered.map((name) => ({
        name,
        url: `ws://${shownAddress(ip)}:${port}/${encodeURIComponent(name)}`,
      })),
      isWanted: this.#isWanted,
    };
    this.#dispatch({ type: "inspector", inspector: this.#open });
  }

  get #isWanted(): boolean {
    return this.#options?.inspect !== undefined || this.#options?.inspectBrk !== undefined;
  }
}

/** An address that this machine reaches it at. */
function shownAddress(ip: string): string {
  if (ip === "*" || ip === "0.0.0.0" || ip === "::") return DEFAULT_IP;
  return ip.includes(":") && !ip.startsWith("[") ? `[${ip}]` : ip;
}

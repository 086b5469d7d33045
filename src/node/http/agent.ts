/** `http.Agent`: keeps its options; connections are the platform's (spec/node.md 8.1). */
import { EventEmitter } from "node:events";
import { notImplemented } from "../errors.ts";

const GLOBAL_AGENT = { keepAlive: true, scheduling: "lifo", timeout: 5000 };

class Agent extends EventEmitter {
  readonly defaultPort: number;
  readonly protocol: string;
  readonly options: object;
  readonly requests = {};
  readonly sockets = {};
  readonly freeSockets = {};
  readonly keepAlive: boolean;
  readonly keepAliveMsecs: number;
  readonly maxSockets: number;
  readonly maxFreeSockets: number;
  readonly maxTotalSockets: number;
  readonly scheduling: string;
  readonly totalSocketCount = 0;

  /** `defaultPort` and `protocol`: of a subclass. */
  constructor(given: object = {}, defaultPort = 80, protocol = "http:") {
    super();
    const options = given as Record<string, unknown>;
    this.defaultPort = defaultPort;
    this.protocol = protocol;
    this.options = {
      ...options,
      path: null,
      proxyEnv: undefined,
      noDelay: options.noDelay ?? true,
    };
    this.keepAlive = options.keepAlive === true;
    this.keepAliveMsecs = Number(options.keepAliveMsecs ?? 1000);
    this.maxSockets = Number(options.maxSockets ?? Number.POSITIVE_INFINITY);
    this.maxFreeSockets = Number(options.maxFreeSockets ?? 256);
    this.maxTotalSockets = Number(options.maxTotalSockets ?? Number.POSITIVE_INFINITY);
    this.scheduling = String(options.scheduling ?? "lifo");
  }

  createConnection(): never {
    throw notImplemented("createConnection");
  }

  getName(options: { host?: string; port?: number; localAddress?: string } = {}): string {
    const { host = "localhost", port = "", localAddress = "" } = options;
    return `${host}:${port}:${localAddress}`;
  }

  destroy(): void {}
}

class SecureAgent extends Agent {
  constructor(options: object = {}) {
    super(options, 443, "https:");
  }
}
Object.defineProperty(SecureAgent, "name", { value: "Agent" });
Object.defineProperty(Agent, "length", { value: 0 });

export interface Agents {
  readonly Agent: typeof Agent;
  readonly globalAgent: Agent;
}

let plain: Agents | undefined;
let secure: Agents | undefined;

export function httpAgents(): Agents {
  plain ??= { Agent, globalAgent: new Agent(GLOBAL_AGENT) };
  return plain;
}

export function httpsAgents(): Agents {
  secure ??= { Agent: SecureAgent, globalAgent: new SecureAgent(GLOBAL_AGENT) };
  return secure;
}

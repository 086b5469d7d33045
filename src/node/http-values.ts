/**
 * What of `http`, `https` and `_http_common` is computation: names, numbers, checks and the agents'
 * options (spec/node.md 8.1). Requests and servers are not there yet.
 */
import { EventEmitter } from "node:events";
import { hostModule } from "../isolate/own-world.ts";
import { notImplemented } from "./errors.ts";

type Members = Record<string, unknown>;

/** Methods of production; Node's list differs by version. */
const METHODS =
  "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE".split(
    " ",
  );

/** Keeps options: connections are the platform's. */
function agentClass(defaultPort: number, protocol: string): new (options?: object) => object {
  class Agent extends EventEmitter {
    readonly defaultPort = defaultPort;
    readonly protocol = protocol;
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

    constructor(given: object = {}) {
      super();
      const options = given as Record<string, unknown>;
      this.options = { noDelay: true, path: null, ...options };
      this.keepAlive = options.keepAlive === true;
      this.keepAliveMsecs = Number(options.keepAliveMsecs ?? 1000);
      this.maxSockets = Number(options.maxSockets ?? Number.POSITIVE_INFINITY);
      this.maxFreeSockets = Number(options.maxFreeSockets ?? 256);
      this.maxTotalSockets = Number(options.maxTotalSockets ?? Number.POSITIVE_INFINITY);
      this.scheduling = String(options.scheduling ?? "lifo");
    }

    createConnection(): never {
      throw notImplemented("Agent.createConnection");
    }

    getName(options: { host?: string; port?: number; localAddress?: string } = {}): string {
      const { host = "localhost", port = "", localAddress = "" } = options;
      return `${host}:${port}:${localAddress}`;
    }

    destroy(): void {}
  }
  return Agent;
}

const GLOBAL_AGENT = {
  keepAlive: true,
  scheduling: "lifo",
  timeout: 5000,
};

export function httpAgents(): Members {
  const Agent = agentClass(80, "http:");
  return { Agent, globalAgent: new Agent(GLOBAL_AGENT) };
}

export function httpsAgents(): Members {
  const Agent = agentClass(443, "https:");
  return { Agent, globalAgent: new Agent(GLOBAL_AGENT) };
}

/** Pure functions and tables of Node's own. */
function pure(): typeof import("node:http") {
  return hostModule("http") as typeof import("node:http");
}

export function httpValues(classes: Readonly<Record<string, unknown>>): Members {
  const { STATUS_CODES, validateHeaderName, validateHeaderValue } = pure();
  return {
    CloseEvent: classes.CloseEvent,
    METHODS: [...METHODS],
    MessageEvent: classes.MessageEvent,
    STATUS_CODES: { ...STATUS_CODES },
    WebSocket: classes.WebSocket,
    maxHeaderSize: 16_384,
    setMaxIdleHTTPParsers: () => {},
    validateHeaderName: (name: string) => validateHeaderName(name),
    validateHeaderValue: (name: string, value: string) => validateHeaderValue(name, value),
  };
}

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const INVALID_HEADER_CHAR = /[^\t\x20-\x7e\x80-\xff]/;

export function httpCommon(): Members {
  return {
    CRLF: "\r\n",
    _checkInvalidHeaderChar: (value: string) => INVALID_HEADER_CHAR.test(value),
    _checkIsHttpToken: (value: string) => TOKEN.test(value),
    chunkExpression: /(?:^|\W)chunked(?:$|\W)/i,
    continueExpression: /(?:^|\W)100-continue(?:$|\W)/i,
    methods: [...METHODS],
  };
}

export function httpServerValues(): Members {
  return { STATUS_CODES: { ...pure().STATUS_CODES } };
}

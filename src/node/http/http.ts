/** `node:http`, `node:https` and the `_http_*` modules put together (spec/node.md 8). */
import { hostModule } from "../../isolate/own-world.ts";
import { notImplemented } from "../errors.ts";
import { httpAgents, httpsAgents } from "./agent.ts";
import { argumentsOf, type DefaultAgent } from "./client-options.ts";
import { ClientRequest } from "./client-request.ts";
import { IncomingMessage } from "./incoming-message.ts";
import { OutgoingMessage } from "./outgoing-message.ts";
import { Server } from "./server.ts";
import { ServerResponse } from "./server-response.ts";
import { validateHeaderName, validateHeaderValue } from "./validate.ts";

type Members = Record<string, unknown>;
type ServerArguments = ConstructorParameters<typeof Server>;

/** Methods of production; Node's list differs by version. */
const METHODS =
  "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE".split(
    " ",
  );

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const INVALID_HEADER_CHAR = /[^\t\x20-\x7e\x80-\xff]/;

export interface HttpModules {
  readonly http: Members;
  readonly https: Members;
  /** By the part behind `_http_`. */
  readonly parts: Readonly<Record<string, Members>>;
}

/** `classes`: CloseEvent, MessageEvent and WebSocket of the global scope. */
export function httpModules(classes: Readonly<Record<string, unknown>>): HttpModules {
  const agents = httpAgents();
  const checks = { validateHeaderName, validateHeaderValue };
  const server = { Server, ServerResponse, STATUS_CODES: statusCodes() };
  const http: Members = {
    ...classes,
    ...agents,
    ...clientOf(agents.globalAgent),
    ...checks,
    ...server,
    ClientRequest,
    IncomingMessage,
    METHODS: [...METHODS],
    OutgoingMessage,
    createServer: (...args: ServerArguments) => new Server(...args),
    maxHeaderSize: 16_384,
    setMaxIdleHTTPParsers: () => {},
  };
  const secure = httpsAgents();
  return {
    http,
    https: {
      ...secure,
      ...clientOf(secure.globalAgent),
      Server: SecureServer,
      createServer: (...args: ServerArguments) => new SecureServer(...args),
    },
    parts: {
      agent: { ...agents },
      client: { ClientRequest: http.ClientRequest },
      common: {
        CRLF: "\r\n",
        _checkInvalidHeaderChar: (value: string) => INVALID_HEADER_CHAR.test(value),
        _checkIsHttpToken: (value: string) => TOKEN.test(value),
        chunkExpression: /(?:^|\W)chunked(?:$|\W)/i,
        continueExpression: /(?:^|\W)100-continue(?:$|\W)/i,
        methods: [...METHODS],
      },
      incoming: { IncomingMessage },
      outgoing: { OutgoingMessage, ...checks, parseUniqueHeadersOption: () => null },
      server,
    },
  };
}

/** What TLS would need; there is none between the platform and a Worker. */
class SecureServer extends Server {
  addContext(): never {
    throw notImplemented("addContext");
  }

  getTicketKeys(): never {
    throw notImplemented("getTicketKeys");
  }

  setTicketKeys(): never {
    throw notImplemented("setTicketKeys");
  }

  setSecureContext(): never {
    throw notImplemented("setSecureContext");
  }
}
Object.defineProperty(SecureServer, "name", { value: "Server" });

function clientOf(defaultAgent: DefaultAgent): Members {
  const request = (...args: unknown[]): ClientRequest => {
    const { options, callback } = argumentsOf(args);
    return new ClientRequest({ _defaultAgent: defaultAgent, ...options }, callback);
  };
  return {
    request,
    get(...args: unknown[]) {
      return request(...args).end();
    },
  };
}

function statusCodes(): object {
  return { ...(hostModule("http") as typeof import("node:http")).STATUS_CODES };
}

/**
 * `node:tls` (spec/node.md 8.5): the client. The host does the handshake and checks the certificate;
 * what a Worker says about either is ignored or refused, as in production.
 */
import { invalidProperty, invalidType, notImplemented } from "../errors.ts";
import { nativeMembers } from "../native-copies.ts";
import { type ConnectOptions, type Listener, normalizeArgs } from "./arguments.ts";
import { optionNotImplemented } from "./errors.ts";
import { Socket, takeWire } from "./socket.ts";

/** Of `tls.connect`, and of the class. */
const UNSUPPORTED = [
  "checkServerIdentity",
  "ALPNProtocols",
  "pskCallback",
  "enableTrace",
  "minDHSize",
];
const OF_THE_CLASS = ["requestCert", "isServer", "server", "SNICallback", "requestOCSP"];
const UNSUPPORTED_OF_SOCKETS = [...OF_THE_CLASS, "ALPNProtocols", "pskCallback", "enableTrace"];

/** Say nothing of the session. */
const EMPTY =
  "enableTrace getCipher getEphemeralKeyInfo getFinished getPeerFinished getProtocol getSession getSharedSigalgs getTLSTicket isSessionReused";
const NOTHING = "disableRenegotiation setSession";
const NO_DETAILS = "getCertificate getPeerX509Certificate getX509Certificate setKeyCert";

export class TLSSocket extends Socket {
  readonly encrypted = true;
  authorized = false;
  authorizationError: unknown = null;
  alpnProtocol: string | false | null = null;
  secureConnecting = true;
  servername: unknown = null;

  /** `socket`: a connection that becomes TLS. */
  constructor(socket?: unknown, options: ConnectOptions = {}) {
    super(options);
    if (socket instanceof Socket) this.#upgrade(socket);
    else if (socket !== undefined && socket !== null) throw optionNotImplemented("socket");
  }

  #upgrade(socket: Socket): void {
    this.once("close", () => socket.destroy());
    socket.once("error", (error) => this.destroy(error));
    const start = (): void => {
      const wire = takeWire(socket);
      if (wire === undefined) {
        this.destroy(new Error("The connection was closed before startTls could be started."));
        return;
      }
      this.carry(wire);
      wire.startTls(this);
    };
    if (socket.connecting) {
      this.connecting = true;
      socket.once("connect", start);
    } else start();
  }

  protected override transport(): "on" {
    return "on";
  }

  protected override announce(): void {
    this.authorized = true;
    this.secureConnecting = false;
    this.alpnProtocol = false;
    super.announce();
    this.emit("secure");
    this.emit("secureConnect");
  }

  override onSecure(): void {
    this.onOpen();
  }
}
function defineMethods(names: string, make: (name: string) => (first?: unknown) => unknown): void {
  for (const name of names.split(" ")) {
    const value = Object.defineProperty(make(name), "name", { value: name, configurable: true });
    Object.defineProperty(TLSSocket.prototype, name, { value, writable: true, configurable: true });
  }
}
defineMethods(EMPTY, () => () => null);
defineMethods(NOTHING, () => () => undefined);
defineMethods(NO_DETAILS, (name) => () => {
  throw new Error(`TLSSocket.${name} is not implemented`);
});
defineMethods("getPeerCertificate", (name) => () => {
  throw new Error(`${name} is not implemented`);
});
const CHECKED: Readonly<Record<string, readonly [argument: string, type: string]>> = {
  exportKeyingMaterial: ["length", "number"],
  renegotiate: ["options", "object"],
  setMaxSendFragment: ["size", "number"],
  setServername: ["name", "string"],
};
defineMethods(Object.keys(CHECKED).join(" "), (name) => (first) => {
  const [argument, type] = CHECKED[name] as readonly [string, string];
  const given: string = typeof first;
  if (given !== type) throw invalidType(argument, `of type ${type}`, first);
  throw new Error(`TLSSocket.${name} is not implemented`);
});

function checkServerIdentity(host: string, certificate: object): Error | undefined {
  const { checkServerIdentity: check } = nativeMembers("tls", ["checkServerIdentity"]);
  const error = (check as (...args: unknown[]) => (Error & { reason?: string }) | undefined)(
    host,
    certificate,
  );
  if (error?.reason !== undefined) error.message = error.reason;
  return error;
}

export interface TlsOptions {
  /** `throw_on_not_implemented_tls_options` */
  readonly isStrict: boolean;
}

class SecureContext {
  readonly context: object = {};
}

export function tlsModule({ isStrict }: TlsOptions): Record<string, unknown> {
  const Class = isStrict ? strictClass() : TLSSocket;
  function connect(...args: unknown[]): TLSSocket {
    const [given, callback] = normalizeArgs(args);
    // (port, host, options, callback) and (port, options, callback)
    const more = args.slice(1).find((value) => typeof value === "object" && value !== null);
    const options: Record<string, unknown> = {
      ...given,
      ...(typeof args[0] === "object" ? {} : (more as object)),
    };
    if (isStrict) assertSupported(options);
    // These are the class's own matter.
    for (const name of OF_THE_CLASS) delete options[name];
    const socket = new Class(options.socket, options);
    if (callback !== null) socket.once("secureConnect", callback as Listener);
    if (options.socket === undefined) socket.connect(options);
    return socket;
  }
  return {
    ...nativeMembers("tls", ["convertALPNProtocols"]),
    checkServerIdentity,
    CLIENT_RENEG_LIMIT: 3,
    CLIENT_RENEG_WINDOW: 600,
    DEFAULT_CIPHERS: "",
    DEFAULT_ECDH_CURVE: "auto",
    DEFAULT_MAX_VERSION: "TLSv1.3",
    DEFAULT_MIN_VERSION: "TLSv1.2",
    SecureContext,
    Server: refused("Server"),
    TLSSocket: Class,
    connect,
    createSecureContext: () => new SecureContext(),
    createSecurePair: named("createSecurePair", () => {
      throw notImplemented("createSecurePair");
    }),
    createServer: refused("createServer"),
    getCiphers: refused("getCiphers"),
    rootCertificates: [],
  };
}

/** `throw_on_not_implemented_tls_options` */
function strictClass(): typeof TLSSocket {
  const Strict = class extends TLSSocket {
    constructor(socket?: unknown, options: ConnectOptions = {}) {
      const found = UNSUPPORTED_OF_SOCKETS.find((name) => options[name] !== undefined);
      if (found !== undefined) throw optionNotImplemented(found);
      const { checkServerIdentity: check } = options;
      if (check !== undefined && typeof check !== "function") {
        throw invalidProperty("options.checkServerIdentity", "of type function", check);
      }
      super(socket, options);
    }
  };
  return Object.defineProperty(Strict, "name", { value: "TLSSocket", configurable: true });
}

/** `_tls_common` and `_tls_wrap`: what they have of the module, and one more. */
export function tlsParts(module: Record<string, unknown>): {
  readonly common: object;
  readonly wrap: object;
} {
  const { SecureContext: Context, createSecureContext, connect, TLSSocket: Class } = module;
  const translatePeerCertificate = named("translatePeerCertificate", () => {
    throw notImplemented("translatePeerCertificate");
  });
  return {
    common: { SecureContext: Context, createSecureContext, translatePeerCertificate },
    wrap: { TLSSocket: Class, connect },
  };
}

function assertSupported(options: ConnectOptions): void {
  if (options.rejectUnauthorized === false) throw optionNotImplemented("rejectUnauthorized");
  const found = UNSUPPORTED.find((name) => options[name] !== undefined);
  if (found !== undefined) throw optionNotImplemented(found);
}

function refused(name: string): object {
  return named(name, () => {
    throw new Error("Not implemented");
  });
}

/** Not an arrow function: code extends and constructs some of these. */
function named(name: string, fn: () => never): object {
  function refuse(): never {
    return fn();
  }
  return Object.defineProperty(refuse, "name", { value: name, configurable: true });
}

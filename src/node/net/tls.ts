/**
 * `node:tls` (spec/node.md 8.5): the client. The host does the handshake and checks the certificate;
 * what a Worker says about either is ignored or refused, as in production.
 */
import { notImplemented } from "../errors.ts";
import { nativeMembers } from "../native-copies.ts";
import { type ConnectOptions, type Listener, normalizeArgs } from "./arguments.ts";
import { optionNotImplemented } from "./errors.ts";
import { Socket, takeWire } from "./socket.ts";

/** Of production's own: not of the machine that TLS is done on. */
const UNSUPPORTED = [
  "checkServerIdentity",
  "ALPNProtocols",
  "requestCert",
  "isServer",
  "server",
  "SNICallback",
  "requestOCSP",
  "pskCallback",
  "enableTrace",
  "minDHSize",
];

const NO_DETAILS =
  "disableRenegotiation enableTrace exportKeyingMaterial getCertificate getCipher getEphemeralKeyInfo getFinished getPeerCertificate getPeerFinished getPeerX509Certificate getProtocol getSession getSharedSigalgs getTLSTicket getX509Certificate isSessionReused renegotiate setKeyCert setMaxSendFragment setServername setSession";

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
for (const name of NO_DETAILS.split(" ")) {
  Object.defineProperty(TLSSocket.prototype, name, {
    value: named(name, () => {
      throw new Error(`${name} is not implemented`);
    }),
    writable: true,
    configurable: true,
  });
}

export interface TlsOptions {
  /** `throw_on_not_implemented_tls_options` */
  readonly isStrict: boolean;
}

class SecureContext {
  readonly context: object = {};
}

export function tlsModule({ isStrict }: TlsOptions): Record<string, unknown> {
  function connect(...args: unknown[]): TLSSocket {
    const [given, callback] = normalizeArgs(args);
    // (port, host, options, callback) and (port, options, callback)
    const more = args.slice(1).find((value) => typeof value === "object" && value !== null);
    const options = { ...given, ...(typeof args[0] === "object" ? {} : (more as object)) };
    if (isStrict) assertSupported(options);
    const socket = new TLSSocket(options.socket, options);
    if (callback !== null) socket.once("secureConnect", callback as Listener);
    if (options.socket === undefined) socket.connect(options);
    return socket;
  }
  return {
    ...nativeMembers("tls", ["checkServerIdentity", "convertALPNProtocols"]),
    CLIENT_RENEG_LIMIT: 3,
    CLIENT_RENEG_WINDOW: 600,
    DEFAULT_CIPHERS: "",
    DEFAULT_ECDH_CURVE: "auto",
    DEFAULT_MAX_VERSION: "TLSv1.3",
    DEFAULT_MIN_VERSION: "TLSv1.2",
    SecureContext,
    Server: refused("Server"),
    TLSSocket,
    connect,
    createSecureContext: () => new SecureContext(),
    createSecurePair: refused("createSecurePair"),
    createServer: refused("createServer"),
    getCiphers: refused("getCiphers"),
    rootCertificates: [],
  };
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

/**
 * `env.DB` of Hyperdrive (spec/resources.md 12): where a database driver connects to, and how. Host and
 * address are names that lead to the local database (web/sockets/open.ts) and exist in this thread only.
 */
import type { HyperdriveSpec } from "../../../protocol/worker-spec.ts";
import { unsupportedType } from "../../../rpc/error-texts.ts";
import { nodeCrypto } from "../../../util/late-modules.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { addLocalHost } from "../../../web/sockets/open.ts";
import { connect, type Socket } from "../../../web/sockets/socket.ts";
import { refuseCloning } from "../clone-refusals.ts";

const INTERNAL: unique symbol = Symbol("internal");

const PORTS = { postgres: 5432, mysql: 3306 } as const;
/** Nothing speaks TLS on the way to the local name. */
const OPTIONS = { postgres: "sslmode=disable", mysql: "ssl-mode=disabled" } as const;

export class Hyperdrive {
  readonly connectionString: string;
  readonly port: number;
  readonly ip: string;
  readonly host: string;
  readonly password: string;
  readonly user: string;
  readonly database: string;

  constructor(key?: unknown, spec?: HyperdriveSpec) {
    if (key !== INTERNAL || spec === undefined) throw new TypeError("Illegal constructor");
    const { scheme, user, password, database, target } = spec;
    const [third, fourth] = nodeCrypto().randomBytes(2);
    this.host = `${nodeCrypto().randomBytes(16).toString("hex")}.hyperdrive.local`;
    this.ip = `240.0.${third}.${fourth}`;
    this.port = PORTS[scheme];
    this.user = user;
    this.password = password;
    this.database = database;
    const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
    const place = `${this.host}:${this.port}/${encodeURIComponent(database)}`;
    this.connectionString = `${scheme}://${login}@${place}?${OPTIONS[scheme]}`;
    for (const name of [this.host, this.ip]) addLocalHost(name, target);
  }

  connect(): Socket {
    return connect({ hostname: this.host, port: this.port });
  }
}
defineInterface(Hyperdrive, "Hyperdrive", { brand: (value) => value instanceof Hyperdrive });

export function createHyperdrive(spec: HyperdriveSpec): Hyperdrive {
  const binding = new Hyperdrive(INTERNAL, spec);
  refuseCloning(binding, unsupportedType("Hyperdrive"));
  return binding;
}

/**
 * Hyperdrive bindings: which local database each leads to (spec/resources.md 12). The environment of the
 * process counts before the config; without either there is nothing to connect to.
 */
import type { DatabaseTls } from "../protocol/outbound.ts";
import type { HyperdriveSpec } from "../protocol/worker-spec.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isTable } from "./document.ts";
import { type Schema, warnUnknownKeys } from "./schema.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_";
const OLD_VARIABLE = "WRANGLER_HYPERDRIVE_LOCAL_CONNECTION_STRING_";
const FIELDS = ["binding", "id", "localConnectionString"];
const SCHEMES: Readonly<Record<string, HyperdriveSpec["scheme"]>> = {
  "postgres:": "postgres",
  "postgresql:": "postgres",
  "mysql:": "mysql",
};
/** As libpq and MySQL's clients: "require" takes any certificate. */
const SSL_MODES = {
  postgres: { require: "postgres-unchecked", "verify-ca": "postgres", "verify-full": "postgres" },
  mysql: { required: "mysql-unchecked", verify_ca: "mysql", verify_identity: "mysql" },
} as const satisfies Record<HyperdriveSpec["scheme"], Readonly<Record<string, DatabaseTls>>>;
const SSL_PARAMETERS = { postgres: "sslmode", mysql: "ssl-mode" } as const;
const PORTS = { postgres: 5432, mysql: 3306 } as const;

/** Checks the whole section of a config. */
export const hyperdriveSection: Schema = {
  kind: "custom",
  check: (value, path, diagnostics) => {
    if (Array.isArray(value)) {
      return value
        .map((item, index) => checkItem(item, [...path, index], diagnostics))
        .every(Boolean);
    }
    const got = JSON.stringify(value);
    diagnostics.error(
      `The field "${formatPath(path)}" should be an array but got ${got}.`,
      path,
      "value",
    );
    return false;
  },
};

/**
 * The database behind a binding. Undefined after an error was reported.
 * `path` of the item in the file.
 */
export function hyperdriveTarget(
  binding: string,
  configured: unknown,
  environment: Environment,
  { path, diagnostics }: { readonly path: ConfigPath; readonly diagnostics: Diagnostics },
): HyperdriveSpec | undefined {
  const variable = `${VARIABLE}${binding}`;
  const old = environment[`${OLD_VARIABLE}${binding}`];
  const text = environment[variable] ?? old ?? configured;
  if (environment[variable] === undefined && old !== undefined) {
    diagnostics.warn(
      `Using "${OLD_VARIABLE}${binding}" environment variable. This is deprecated. Please use "${variable}", instead.`,
      path,
    );
  }
  if (typeof text !== "string" || text === "") {
    diagnostics.error(
      `When developing locally, you should use a local Postgres connection string to emulate Hyperdrive functionality. Please setup Postgres locally and set the value of the '${variable}' variable or "${binding}"'s "localConnectionString" to the Postgres connection string.`,
      path,
    );
    return undefined;
  }
  const fail = (message: string): undefined => {
    diagnostics.error(`The connection string of "${binding}": ${message}`, path);
  };
  if (!URL.canParse(text)) return fail("Invalid URL");
  const url = new URL(text);
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) {
    return fail(
      "Only PostgreSQL-compatible or MySQL-compatible databases are currently supported.",
    );
  }
  if (url.hostname === "") {
    return fail(
      "You must provide a hostname or IP address in your connection string - e.g. 'user:password@database-hostname.example.com:5432/databasename",
    );
  }
  const database = decodeURIComponent(url.pathname.replace(/^\//, ""));
  if (database === "") {
    return fail("You must provide a database name as the path component - e.g. /postgres");
  }
  const example = "e.g. 'user:password@database.example.com:port/databasename'";
  if (url.username === "") return fail(`You must provide a username - ${example}`);
  if (url.password === "") return fail(`You must provide a password - ${example}`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const modes: Readonly<Record<string, DatabaseTls>> = SSL_MODES[scheme];
  const tls = modes[(url.searchParams.get(SSL_PARAMETERS[scheme]) ?? "").toLowerCase()];
  return {
    scheme,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    target: {
      host,
      port: url.port === "" ? PORTS[scheme] : Number(url.port),
      ...(tls !== undefined && { tls }),
    },
  };
}

function checkItem(item: unknown, path: ConfigPath, diagnostics: Diagnostics): boolean {
  const got = JSON.stringify(item);
  if (!isTable(item)) {
    diagnostics.error(`"hyperdrive" bindings should be objects, but got ${got}`, path);
    return false;
  }
  const problems: string[] = [];
  if (typeof item.binding !== "string") problems.push('should have a string "binding" field');
  if (typeof item.id !== "string") problems.push('must have a "id" field');
  for (const problem of problems) {
    diagnostics.error(`"${formatPath(path)}" bindings ${problem} but got ${got}.`, path);
  }
  warnUnknownKeys(item, FIELDS, path, diagnostics);
  return problems.length === 0;
}

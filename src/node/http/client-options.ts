/** What `http.request` makes of its arguments (spec/node.md 8.1). */
import { nodeError, received } from "../errors.ts";
import { optionNotImplemented } from "../net/errors.ts";

export interface RequestOptions {
  readonly protocol?: string | null;
  readonly host?: string | null;
  readonly hostname?: string | null;
  readonly port?: number | string | null;
  readonly defaultPort?: number;
  readonly path?: string | null;
  readonly method?: string;
  readonly headers?: unknown;
  readonly auth?: string | null;
  readonly agent?: unknown;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly setHost?: boolean;
  /** Of https.request: whose protocol and port hold if nothing else is said. */
  readonly _defaultAgent?: DefaultAgent;
  readonly [name: string]: unknown;
}

export interface DefaultAgent {
  readonly protocol: string;
}

export type Callback = (response: unknown) => void;

const UNSUPPORTED = ["createConnection", "lookup", "socketPath", "maxHeaderSize"];
const UNESCAPED = /[^\u0021-\u00ff]/;

/** (url, options?, callback?) or (options, callback?). */
export function argumentsOf(args: readonly unknown[]): {
  readonly options: RequestOptions;
  readonly callback: Callback | undefined;
} {
  const [first, second, third] = args;
  const callback = [second, third].find((value) => typeof value === "function") as
    | Callback
    | undefined;
  const more = typeof second === "object" && second !== null ? (second as RequestOptions) : {};
  if (typeof first === "string") return { options: { ...urlOptions(first), ...more }, callback };
  if (isUrl(first)) return { options: { ...urlOptions(first.href), ...more }, callback };
  return { options: { ...(first as RequestOptions) }, callback };
}

/** Throws what production throws for what it cannot do. */
export function targetOf(options: RequestOptions, expected: string): URL {
  for (const name of UNSUPPORTED) {
    if (options[name] !== undefined && options[name] !== null) throw optionNotImplemented(name);
  }
  const agent = options.agent as { readonly protocol?: string } | null | undefined | false;
  const wanted = (typeof agent === "object" && agent?.protocol) || expected;
  const protocol = options.protocol ?? wanted;
  if (protocol !== wanted) {
    throw nodeError(
      TypeError,
      "ERR_INVALID_PROTOCOL",
      `Protocol "${protocol}" not supported. Expected "${wanted}"`,
    );
  }
  const host = options.hostname ?? options.host ?? "localhost";
  if (typeof host !== "string") {
    const message = `The "options.hostname" property must be of type string or one of undefined or null. Received ${received(host)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
  }
  const path = options.path ?? "/";
  if (UNESCAPED.test(path)) {
    throw nodeError(
      TypeError,
      "ERR_UNESCAPED_CHARACTERS",
      "Request path contains unescaped characters",
    );
  }
  if (path.startsWith("//") || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw nodeError(
      TypeError,
      "ERR_INVALID_ARG_VALUE",
      `The property 'options.path' must be a path-only request target. Received '${path}'`,
    );
  }
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const port = options.port ?? options.defaultPort;
  const suffix = port === undefined || port === null || port === "" ? "" : `:${port}`;
  return new URL(`${protocol}//${name}${suffix}${path.startsWith("/") ? path : `/${path}`}`);
}

function isUrl(value: unknown): value is URL {
  const { href, searchParams } = (value ?? {}) as Partial<URL>;
  return typeof href === "string" && searchParams !== undefined;
}

function urlOptions(text: string): RequestOptions {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError("Invalid URL string.");
  }
  const { username, password } = url;
  const auth = [username, password].map(decodeURIComponent).join(":");
  return {
    protocol: url.protocol,
    hostname: url.hostname,
    path: `${url.pathname}${url.search}`,
    ...(url.port !== "" && { port: Number(url.port) }),
    ...(username !== "" || password !== "" ? { auth } : {}),
  };
}

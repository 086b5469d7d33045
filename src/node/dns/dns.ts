/** `node:dns` and `node:dns/promises` (spec/node.md 8.4). */

import { invalidType, nodeError, received } from "../errors.ts";
import { optionNotImplemented } from "../net/errors.ts";
import { isIP } from "../net/is-ip.ts";
import { lookupAddresses, resolveRecords } from "./resolve.ts";

type Members = Record<string, unknown>;
type Callback = (error: Error | null, ...values: unknown[]) => void;

const SERVERS = ["1.1.1.1", "2606:4700:4700::1111", "1.0.0.1", "2606:4700:4700::1001"];
const ORDERS = new Set(["ipv4first", "ipv6first", "verbatim"]);

/** Name of the function -> type of the record. */
const RESOLVERS = {
  resolve4: "A",
  resolve6: "AAAA",
  resolveCaa: "CAA",
  resolveCname: "CNAME",
  resolveMx: "MX",
  resolveNaptr: "NAPTR",
  resolveNs: "NS",
  resolvePtr: "PTR",
  resolveSoa: "SOA",
  resolveSrv: "SRV",
  resolveTxt: "TXT",
} as const;

const CODES =
  "ADDRGETNETWORKPARAMS BADFAMILY BADFLAGS BADHINTS BADNAME BADQUERY BADRESP BADSTR CANCELLED CONNREFUSED DESTRUCTION EOF FILE FORMERR LOADIPHLPAPI NODATA NOMEM NONAME NOTFOUND NOTIMP NOTINITIALIZED REFUSED SERVFAIL TIMEOUT".split(
    " ",
  );

const CONSTANTS: Members = {
  ADDRCONFIG: 32,
  ALL: 16,
  V4MAPPED: 8,
  ...Object.fromEntries(CODES.map((name) => [name, `E${name}`])),
};

let defaultOrder = "verbatim";

const settings: Members = {
  ...CONSTANTS,
  getDefaultResultOrder: () => defaultOrder,
  setDefaultResultOrder(order: string) {
    if (!ORDERS.has(order)) throw invalidOrder(order);
    defaultOrder = order;
  },
  getServers: () => [...SERVERS],
  setServers: refused("setServers"),
};

/** `new Resolver()`: the module's functions once more; there is only one server to ask. */
function resolverOf(functions: Members): object {
  class Resolver {
    cancel(): never {
      throw new Error("Not implemented");
    }
    setLocalAddress(): never {
      throw new Error("Not implemented");
    }
  }
  for (const name of [
    ...Object.keys(RESOLVERS),
    "getServers",
    "resolve",
    "resolveAny",
    "reverse",
    "setServers",
  ]) {
    Object.defineProperty(Resolver.prototype, name, {
      value: functions[name],
      writable: true,
      configurable: true,
    });
  }
  return Resolver;
}

export function dnsPromises(): Members {
  const functions: Members = {
    ...settings,
    ...Object.fromEntries(
      Object.entries(RESOLVERS).map(([name, type]) => [
        name,
        (host: string, options?: { readonly ttl?: boolean }) => resolve(host, type, options?.ttl),
      ]),
    ),
    async lookup(host: string, options?: unknown) {
      const { all, addresses } = await lookupWith(host, lookupOptions(host, options));
      return all ? addresses : addresses[0];
    },
    lookupService: refused("lookupService"),
    resolve: resolveAs,
    resolveAny: refused("resolveAny"),
    reverse,
  };
  return { ...functions, Resolver: resolverOf(functions) };
}

export function dnsModule(): Members {
  const functions: Members = {
    ...settings,
    ...Object.fromEntries(
      Object.entries(RESOLVERS).map(([name, type]) => [
        name,
        (host: string, ...rest: unknown[]) => {
          const callback = lastArgument([host, ...rest]);
          const options = rest.length > 1 ? (rest[0] as { readonly ttl?: boolean }) : undefined;
          assertName(host);
          tell(resolve(host, type, options?.ttl), callback);
        },
      ]),
    ),
    lookup(host: string, ...rest: unknown[]) {
      const [first, second] = rest;
      const callback = assertCallback(typeof first === "function" ? first : second);
      const given = typeof first === "function" ? undefined : first;
      const options = lookupOptions(host, given);
      deliver(lookupWith(host, options), callback, ({ all, addresses }) => {
        const [found] = addresses;
        if (all) return [addresses];
        return [found?.address ?? null, found?.family ?? (host === "" ? 4 : 0)];
      });
      return {};
    },
    lookupService: (...args: unknown[]) => tell(notThere(), lastArgument(args)),
    resolve(...args: unknown[]) {
      const callback = lastArgument(args);
      const [host, type] = args;
      assertName(host);
      assertType(typeof type === "function" ? undefined : type);
      tell(resolveAs(host as string, type), callback);
    },
    resolveAny: (...args: unknown[]) => tell(notThere(), lastArgument(args)),
    reverse(...args: unknown[]) {
      const callback = lastArgument(args);
      assertName(args[0]);
      tell(reverse(args[0] as string), callback);
    },
  };
  return { ...functions, Resolver: resolverOf(functions) };
}

async function notThere(): Promise<never> {
  throw new Error("Not implemented");
}

function assertName(host: unknown): void {
  if (typeof host !== "string") throw invalidType("name", "of type string", host);
}

function assertType(type: unknown): void {
  if (Object.values<unknown>(RESOLVERS).includes(type)) return;
  const shown = typeof type === "string" ? `'${type}'` : String(type);
  const message = `The argument 'rrtype' is invalid. Received ${shown}`;
  throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}

async function resolve(host: string, type: string, withTtl?: boolean): Promise<unknown> {
  assertName(host);
  const syscall = `query${type[0]}${type.slice(1).toLowerCase()}`;
  const hasTtl = withTtl === true && (type === "A" || type === "AAAA");
  const records = await resolveRecords(host, type, syscall, hasTtl);
  return type === "SOA" ? records[0] : records;
}

async function resolveAs(host: string, type: unknown): Promise<unknown> {
  assertName(host);
  assertType(type);
  return await resolve(host, type as string);
}

async function reverse(address: string): Promise<unknown> {
  assertName(address);
  const name = reverseName(address);
  return await resolveRecords(name, "PTR", "queryPtr");
}

/** 1.0.0.127.in-addr.arpa */
function reverseName(address: string): string {
  const kind = isIP(address);
  if (kind === 0) throw nodeError(Error, "EINVAL", `getHostByAddr EINVAL ${address}`);
  if (kind === 4) return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  const [head = "", tail = ""] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const missing = address.includes("::") ? 8 - left.length - right.length : 0;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  const digits = groups.map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}

interface Found {
  readonly all: boolean;
  readonly addresses: readonly { readonly address: string; readonly family: number }[];
}

interface LookupOptions {
  readonly family?: number | string;
  readonly all?: boolean;
  readonly hints?: number;
  readonly order?: string;
}

const FAMILIES: ReadonlySet<unknown> = new Set([undefined, null, 0, 4, 6, "IPv4", "IPv6"]);

function lookupOptions(host: unknown, given: unknown): LookupOptions {
  if (host !== undefined && host !== null && typeof host !== "string") {
    throw invalidType("hostname", "of type string", host);
  }
  if (given !== undefined && typeof given !== "object" && !Number.isInteger(given)) {
    throw invalidType("options", "of type object or integer", given);
  }
  const options = (typeof given === "number" ? { family: given } : (given ?? {})) as LookupOptions;
  if (!FAMILIES.has(options.family)) {
    const message = `The property 'options.family' must be one of: 0, 4, 6. Received ${String(options.family)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
  }
  if (options.hints) throw optionNotImplemented("hints");
  return options;
}

async function lookupWith(host: string, options: LookupOptions): Promise<Found> {
  const all = options.all === true;
  if (host === "" || host === undefined || host === null) return { all, addresses: [] };
  const kind = isIP(host);
  if (kind !== 0) return { all, addresses: [{ address: host, family: kind }] };
  const family = Number(String(options.family ?? 0).replace("IPv", ""));
  const found = (await lookupAddresses(host)).filter(
    (one) => family === 0 || one.family === family,
  );
  if ((options.order ?? defaultOrder) === "ipv6first") found.reverse();
  return { all, addresses: found };
}

function tell(asked: Promise<unknown>, callback: Callback): void {
  deliver(asked, callback, (value) => [value]);
}

function lastArgument(args: readonly unknown[]): Callback {
  const last = args.at(-1);
  if (typeof last === "function") return last as Callback;
  const message = `The last argument must be of type function. Received ${received(last)}`;
  throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}

/** What the callback throws is nobody's rejection. */
function deliver<T>(asked: Promise<T>, callback: Callback, values: (value: T) => unknown[]): void {
  asked.then(
    (value) => queueMicrotask(() => callback(null, ...values(value))),
    (error: Error) => queueMicrotask(() => callback(error)),
  );
}

function assertCallback(value: unknown): Callback {
  if (typeof value !== "function") throw invalidType("callback", "of type function", value);
  return value as Callback;
}

function invalidOrder(order: unknown): Error {
  const message = `The argument 'dnsOrder' must be one of: 'verbatim', 'ipv4first', 'ipv6first'. Received '${String(order)}'`;
  return nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}

function refused(name: string): unknown {
  // Not an arrow function: code extends and constructs one of these.
  function refuse(): never {
    throw new Error("Not implemented");
  }
  return Object.defineProperty(refuse, "name", { value: name, configurable: true });
}

/** `node:dns` and `node:dns/promises` (spec/node.md 8.4). */

import { invalidType, nodeError } from "../errors.ts";
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
    cancel(): void {}
  }
  for (const name of [
    ...Object.keys(RESOLVERS),
    "getServers",
    "resolve",
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
      const { all, addresses } = await lookup(host, options);
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
          const options = rest.length > 1 ? (rest[0] as { readonly ttl?: boolean }) : undefined;
          tell(() => resolve(host, type, options?.ttl), rest.at(-1));
        },
      ]),
    ),
    lookup(host: string, ...rest: unknown[]) {
      const [first, second] = rest;
      const callback = assertCallback(typeof first === "function" ? first : second);
      const options = typeof first === "function" ? undefined : first;
      const found = lookup(host, options);
      deliver(found, callback, ({ all, addresses }) => {
        const [first] = addresses;
        if (all) return [addresses];
        return [first?.address ?? null, first?.family ?? (host === "" ? 4 : 0)];
      });
      return {};
    },
    lookupService: refused("lookupService"),
    resolve(host: string, type: string, callback: unknown) {
      tell(() => resolveAs(host, type), callback);
    },
    resolveAny: refused("resolveAny"),
    reverse(address: string, callback: unknown) {
      tell(() => reverse(address), callback);
    },
  };
  return { ...functions, Resolver: resolverOf(functions) };
}

async function resolve(host: string, type: string, withTtl?: boolean): Promise<unknown> {
  if (typeof host !== "string") throw invalidType("name", "of type string", host);
  const syscall = `query${type[0]}${type.slice(1).toLowerCase()}`;
  const hasTtl = withTtl === true && (type === "A" || type === "AAAA");
  const records = await resolveRecords(host, type, syscall, hasTtl);
  return type === "SOA" ? records[0] : records;
}

async function resolveAs(host: string, type: unknown): Promise<unknown> {
  if (typeof type !== "string") throw invalidType("rrtype", "of type string", type);
  if (!Object.values<string>(RESOLVERS).includes(type)) {
    const message = `The argument 'rrtype' is invalid. Received '${type}'`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
  }
  return await resolve(host, type);
}

async function reverse(address: string): Promise<unknown> {
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

async function lookup(host: string, given: unknown): Promise<Found> {
  const options = (typeof given === "number" ? { family: given } : (given ?? {})) as {
    readonly family?: number | string;
    readonly all?: boolean;
    readonly hints?: number;
    readonly order?: string;
  };
  if (options.hints) throw optionNotImplemented("hints");
  const all = options.all === true;
  if (host === "" || host === undefined || host === null) return { all, addresses: [] };
  if (typeof host !== "string") throw invalidType("hostname", "of type string", host);
  const kind = isIP(host);
  if (kind !== 0) return { all, addresses: [{ address: host, family: kind }] };
  const family = Number(String(options.family ?? 0).replace("IPv", ""));
  const found = (await lookupAddresses(host)).filter(
    (one) => family === 0 || one.family === family,
  );
  if ((options.order ?? defaultOrder) === "ipv6first") found.reverse();
  return { all, addresses: found };
}

function tell(ask: () => Promise<unknown>, callback: unknown): void {
  deliver(ask(), assertCallback(callback), (value) => [value]);
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

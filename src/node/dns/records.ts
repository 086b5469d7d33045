/**
 * Records as node:dns gives them, of what DNS over HTTPS says of them: a line of text each, in the
 * form of zone files (spec/node.md 8.4).
 */

export interface Answer {
  readonly name: string;
  readonly type: number;
  readonly TTL: number;
  readonly data: string;
}

/** Numbers of record types; an answer may hold others beside the one that was asked for. */
export const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  CAA: 257,
};

type Reader = (data: string) => unknown;

export const RECORDS: Readonly<Record<string, Reader>> = {
  A: (data) => data,
  AAAA: (data) => data,
  CNAME: nameOf,
  NS: nameOf,
  PTR: nameOf,
  TXT: textsOf,
  CAA(data) {
    const [flags = "", tag = "", ...value] = data.split(" ");
    return { critical: Number(flags), [tag]: unquoted(value.join(" ")) };
  },
  MX(data) {
    const [priority, exchange = ""] = data.split(" ");
    return { exchange: nameOf(exchange), priority: Number(priority) };
  },
  NAPTR(data) {
    const [order, preference, flags = "", service = "", regexp = "", replacement = ""] =
      data.match(/"[^"]*"|\S+/g) ?? [];
    return {
      flags: unquoted(flags),
      service: unquoted(service),
      regexp: unquoted(regexp),
      replacement: nameOf(replacement),
      order: Number(order),
      preference: Number(preference),
    };
  },
  SOA(data) {
    const [nsname = "", hostmaster = "", ...numbers] = data.split(" ");
    const [serial, refresh, retry, expire, minttl] = numbers.map(Number);
    return {
      nsname: nameOf(nsname),
      hostmaster: nameOf(hostmaster),
      serial,
      refresh,
      retry,
      expire,
      minttl,
    };
  },
  SRV(data) {
    const [priority, weight, port, name = ""] = data.split(" ");
    return {
      name: nameOf(name),
      port: Number(port),
      priority: Number(priority),
      weight: Number(weight),
    };
  },
};

function nameOf(data: string): string {
  return data.endsWith(".") ? data.slice(0, -1) : data;
}

/** `"one" "two"`: the parts of one record. */
function textsOf(data: string): string[] {
  const quoted = data.match(/"(?:[^"\\]|\\.)*"/g);
  return quoted === null ? [data] : quoted.map(unquoted);
}

function unquoted(text: string): string {
  const inner = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  return inner.replace(/\\(.)/g, "$1");
}

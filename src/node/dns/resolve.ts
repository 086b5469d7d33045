/**
 * What `dns.resolve*` asks: DNS over HTTPS, as production does, by the Worker's own fetch; and
 * `dns.lookup`, which the resolver of the machine answers, as it does for connections.
 */
import { requireInvocation } from "../../isolate/invocation.ts";
import type { LookupAddress } from "../../protocol/outbound.ts";
import { fetch } from "../../web/http/fetch.ts";
import { network } from "../../web/http/network.ts";
import { outbound } from "../../web/http/outbound.ts";
import { DnsError } from "./errors.ts";
import { type Answer, RECORDS, TYPES } from "./records.ts";

const SERVICE = "https://cloudflare-dns.com/dns-query";

/** Names that no public resolver has (RFC 6761, RFC 6762): they are not sent to one. */
const LOCAL = /(?:^|\.)(?:localhost|local|internal|invalid|test)\.?$|^[^.]+$/i;

/** The records of `name`, or with their time to live. Rejects with a DnsError. */
export async function resolveRecords(
  name: string,
  type: string,
  syscall: string,
  withTtl = false,
): Promise<unknown[]> {
  if (LOCAL.test(name)) throw new DnsError(syscall, "ENOTFOUND", name);
  const answers = await ask(name, type, syscall);
  const read = RECORDS[type] as (data: string) => unknown;
  const found = answers.filter((answer) => answer.type === TYPES[type]);
  if (found.length === 0) throw new DnsError(syscall, "ENOTFOUND", name);
  return found.map(({ data, TTL }) => (withTtl ? { address: data, ttl: TTL } : read(data)));
}

async function ask(name: string, type: string, syscall: string): Promise<readonly Answer[]> {
  const url = `${SERVICE}?name=${encodeURIComponent(name)}&type=${type}`;
  let text: string;
  try {
    const response = await fetch(url, { headers: { Accept: "application/dns-json" } });
    if (!response.ok) throw new Error(response.statusText);
    text = await response.text();
  } catch {
    throw new DnsError(syscall, "EBADQUERY", name);
  }
  try {
    const { Answer: answers } = JSON.parse(text) as { readonly Answer?: readonly Answer[] };
    return answers ?? [];
  } catch {
    throw new DnsError(syscall, "EBADRESP", name);
  }
}

/** IPv4 first. Rejects with a DnsError; at module scope there is nothing to be found. */
export async function lookupAddresses(host: string): Promise<readonly LookupAddress[]> {
  try {
    const release = requireInvocation("lookup").hold();
    try {
      // Whose fetch leads elsewhere has no network to ask.
      if (outbound() !== undefined) throw new Error("no network");
      const found = await network().lookup(host);
      return [...found].sort((one, other) => one.family - other.family);
    } finally {
      release();
    }
  } catch {
    // As production, which asks for addresses like any other record.
    throw new DnsError("queryA", "ENOTFOUND", host);
  }
}

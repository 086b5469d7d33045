/**
 * A self-signed certificate for local https, made with node:crypto alone. X.509 is a nest of DER
 * values (tag, length, contents); the few kinds that a certificate needs are written here by hand.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface KeyPair {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/**
 * For these host names and both loopback addresses. Each name in full: a wildcard directly below a
 * top-level name (`*.localhost`) is refused by clients.
 */
export function createCertificate(hosts: readonly string[], now: Date, days: number): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = new Date(now.getTime() + days * 24 * 60 * 60 * 1000);
  const name = sequence(set(sequence(oid(COMMON_NAME), text("drover local development"))));
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    // Positive and never the same twice: browsers refuse to mix certificates up.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(oid(ECDSA_WITH_SHA256)),
    name,
    sequence(time(now), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(alternativeNames(hosts), serverUsage(), authority())),
  );
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, sequence(oid(ECDSA_WITH_SHA256)), bits(signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem("CERTIFICATE", certificate),
  };
}

const COMMON_NAME = "550403";
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const SUBJECT_ALT_NAME = "551d11";
const EXTENDED_KEY_USAGE = "551d25";
const SERVER_AUTH = "2b06010505070301";
const BASIC_CONSTRAINTS = "551d13";

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((name) => der(0x82, Buffer.from(name)));
  const v4 = der(0x87, Buffer.from([127, 0, 0, 1]));
  const v6 = der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])]));
  return sequence(oid(SUBJECT_ALT_NAME), octets(sequence(...names, v4, v6)));
}

function serverUsage(): Buffer {
  return sequence(oid(EXTENDED_KEY_USAGE), octets(sequence(oid(SERVER_AUTH))));
}

/** It is its own authority, so that it can be trusted by itself (NODE_EXTRA_CA_CERTS). */
function authority(): Buffer {
  const yes = der(0x01, Buffer.from([0xff]));
  return sequence(oid(BASIC_CONSTRAINTS), yes, octets(sequence(yes)));
}

function der(tag: number, contents: Buffer): Buffer {
  const { length } = contents;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), contents]);
  const bytes = Buffer.from(length.toString(16).padStart(length < 0x100 ? 2 : 4, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, contents]);
}

function sequence(...items: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function set(...items: Buffer[]): Buffer {
  return der(0x31, Buffer.concat(items));
}

function tagged(number: number, item: Buffer): Buffer {
  return der(0xa0 | number, item);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function octets(bytes: Buffer): Buffer {
  return der(0x04, bytes);
}

function bits(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function text(value: string): Buffer {
  return der(0x0c, Buffer.from(value));
}

/** GeneralizedTime, YYYYMMDDhhmmssZ. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, "").slice(0, 14);
  // Up to 2049 the standard wants UTCTime, with two digits for the year.
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : der(0x18, Buffer.from(`${digits}Z`));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

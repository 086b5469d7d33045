/**
 * Key and certificate of the front door when it speaks https: the user's files, or one that drover
 * made for this machine and keeps while it fits, so that a browser's exception stays valid.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../util/cache-folder.ts";
import { ExitCode, messageOf, UserError } from "../util/errors.ts";
import { makeFolder } from "../util/folders.ts";
import { createCertificate, type KeyPair } from "./certificate.ts";

/** `--https-key-path` and `--https-cert-path`, absolute. */
export interface TlsFiles {
  readonly keyPath: string | undefined;
  readonly certPath: string | undefined;
}

const DAYS = 365;
/** A kept certificate with less than this left is replaced. */
const DAYS_LEFT = 7;

/** @throws UserError TLS_FILES (exit code 2) if only one is given or one is unreadable */
export function loadTls(
  files: TlsFiles | undefined,
  hosts: readonly string[],
  folder: string = join(cacheFolder(), "https"),
): KeyPair {
  const { keyPath, certPath } = files ?? {};
  if (keyPath === undefined && certPath === undefined) {
    return ownCertificate(folder, hosts);
  }
  if (keyPath === undefined || certPath === undefined) {
    throw new UserError("TLS_FILES", "https needs a key and a certificate, or neither.", {
      exitCode: ExitCode.config,
      hint: "Pass both --https-key-path and --https-cert-path.",
    });
  }
  return { key: read("key", keyPath), cert: read("certificate", certPath) };
}

function ownCertificate(folder: string, hosts: readonly string[]): KeyPair {
  const now = new Date();
  const keyFile = join(folder, "localhost-key.pem");
  const certFile = join(folder, "localhost.pem");
  try {
    const kept = { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
    const certificate = new X509Certificate(kept.cert);
    const left = Date.parse(certificate.validTo) - now.getTime();
    const covers = hosts.every((host) => certificate.checkHost(host) !== undefined);
    if (covers && left > DAYS_LEFT * 24 * 60 * 60 * 1000) return kept;
  } catch {
    // None yet, or not a certificate: make one.
  }
  const made = createCertificate(hosts, now, DAYS);
  try {
    makeFolder(folder, 0o700);
    writeFileSync(keyFile, made.key, { mode: 0o600 });
    writeFileSync(certFile, made.cert);
  } catch {
    // A home that cannot be written to: the certificate lasts for this session.
  }
  return made;
}

function read(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError("TLS_FILES", `Cannot read the https ${what}: ${messageOf(cause)}`, {
      exitCode: ExitCode.config,
      cause,
    });
  }
}

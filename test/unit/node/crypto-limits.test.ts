import crypto from "node:crypto";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { limitedCrypto } from "../../../src/node/crypto-limits.ts";

/* What production's runtime answered (workerd 1.20261117.1); the bound of PBKDF2 is the platform's. */

const limited = limitedCrypto(crypto) as unknown as typeof crypto;
const noop = (): void => {};
const scrypt = { N: 2 ** 20, r: 8, p: 1, maxmem: 2 ** 31 - 1 };

test.each([
  [
    "RSA of 65,536 bits",
    () => limited.generateKeyPairSync("rsa", { modulusLength: 65_536 }),
    "RangeError: RSA modulusLength exceeds maximum (16384)",
  ],
  [
    "DSA",
    () => limited.generateKeyPairSync("dsa", { modulusLength: 1024 } as never),
    "TypeError: The argument 'type' must be one of: 'rsa', 'ec', 'ed25519', 'x25519', 'dh'. Received 'dsa'",
  ],
  [
    "Diffie-Hellman keys from a length",
    () => limited.generateKeyPairSync("dh" as never, { primeLength: 65_536 } as never),
    "Error: Generating DH keys from a prime length is not yet implemented",
  ],
  [
    "a prime of 8,193 bits",
    () => limited.generatePrimeSync(8193),
    "RangeError: generatePrime size exceeds maximum (8192 bits)",
  ],
  [
    "a candidate of 8,193 bits",
    () => limited.checkPrimeSync(1n << 8192n),
    "RangeError: checkPrime candidate exceeds maximum size",
  ],
  [
    "65 checks",
    () => limited.checkPrimeSync(7n, { checks: 65 }),
    "RangeError: Invalid number of checks",
  ],
  [
    "scrypt beyond its cost",
    () => limited.scryptSync("a", "b", 64, scrypt),
    "RangeError: Scrypt failed: cost exceeds maximum (1048576).",
  ],
  [
    "scrypt by its other names",
    () =>
      limited.scryptSync("a", "b", 64, {
        cost: 2 ** 20,
        blockSize: 8,
        parallelization: 1,
      } as never),
    "RangeError: Scrypt failed: cost exceeds maximum (1048576).",
  ],
  [
    "PBKDF2 of 100,001 rounds",
    () => limited.pbkdf2Sync("a", "b", 100_001, 64, "sha512"),
    "NotSupportedError: Pbkdf2 failed: iteration counts above 100000 are not supported (requested 100001).",
  ],
  [
    "PBKDF2 of more than 255 digests",
    () => limited.pbkdf2Sync("a", "b", 1, 255 * 32 + 1, "sha256"),
    "RangeError: Pbkdf2 failed: derived key length exceeds maximum for this hash",
  ],
  [
    "a group of 10,001 bits",
    () => limited.createDiffieHellman(10_001),
    "RangeError: DiffieHellman init failed: requested prime size too large",
  ],
])("%s is refused", (_what, call, text) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(String(thrown)).toBe(text);
});

test("functions with a callback hand the error to it, later", async () => {
  const calls: string[] = [];
  const answered = new Promise<unknown>((resolve) => {
    limited.scrypt("a", "b", 64, scrypt, (error) => {
      calls.push("callback");
      resolve(error);
    });
    calls.push("returned");
  });
  expect(String(await answered)).toBe("RangeError: Scrypt failed: cost exceeds maximum (1048576).");
  expect(calls).toEqual(["returned", "callback"]);
});

test("what is within the bounds works as Node's, promisified too", async () => {
  const pair = await promisify(limited.generateKeyPair)("ed25519");
  expect(Object.keys(pair)).toEqual(["publicKey", "privateKey"]);
  expect(limited.checkPrimeSync(7n, { checks: 64 })).toBe(true);
  expect(limited.scryptSync("a", "b", 8).byteLength).toBe(8);
  expect(limited.pbkdf2Sync("a", "b", 1, 255 * 64, "sha512").byteLength).toBe(255 * 64);
  expect(limited.createDiffieHellman(Buffer.from("17", "hex"))).toBeInstanceOf(
    crypto.DiffieHellman,
  );
  expect(() => limited.generatePrime(-1, noop)).toThrow(/out of range/);
  expect(limited.generateKeyPair).toHaveLength(crypto.generateKeyPair.length);
});

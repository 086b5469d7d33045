import * as jose from "jose";

const secret = new TextEncoder().encode("a secret that is long enough for HS256");
const published = {
  kty: "EC",
  crv: "P-256",
  alg: "ES256",
  x: "TYSF0snqwUG4A8zUHdwvs4tpnctRTj0mDyJUhks5l4k",
  y: "soY81h133uq6GCBtZ6XPb_9bJ-OtjXaQZCOg8HjmPLs",
};
const own = { ...published, d: "rlCYBOPcvY7Hh446Ra7HI-UspgW3-s3kBa6SzNdyo_E" };
const told = async (run: () => unknown): Promise<unknown> => {
  try {
    return await run();
  } catch (caught) {
    const { name, message, code } = caught as Error & { code?: string };
    return { name, message, code };
  }
};

async function signed(alg: string): Promise<unknown> {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true });
  const token = await new jose.SignJWT({ alg }).setProtectedHeader({ alg }).sign(privateKey);
  const again = await jose.importSPKI(await jose.exportSPKI(publicKey), alg);
  const pkcs8 = await jose.exportPKCS8(privateKey);
  await jose.importPKCS8(pkcs8, alg);
  const jwk = await jose.exportJWK(publicKey);
  return {
    payload: (await jose.jwtVerify(token, again)).payload,
    jwk: Object.keys(jwk).sort(),
    thumbprint: (await jose.calculateJwkThumbprint(jwk)).length,
    tampered: await told(() => jose.jwtVerify(`${token.slice(0, -8)}AAAAAAAA`, again)),
  };
}

async function sealed(alg: string, enc: string): Promise<unknown> {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg);
  const token = await new jose.EncryptJWT({ enc })
    .setProtectedHeader({ alg, enc })
    .encrypt(publicKey);
  return (await jose.jwtDecrypt(token, privateKey)).payload;
}

async function all(names: string[], run: (name: string) => unknown): Promise<Response> {
  const shown: Record<string, unknown> = {};
  for (const name of names) shown[name] = await told(() => run(name));
  return Response.json(shown);
}

export const keys: Record<string, (url: URL) => Promise<Response> | Response> = {
  async hmac() {
    const sign = (expires: number) =>
      new jose.SignJWT({ a: 1 })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuer("urn:me")
        .setIssuedAt(1_700_000_000)
        .setExpirationTime(expires)
        .sign(secret);
    const good = await sign(4_000_000_000);
    return Response.json({
      good,
      verified: await jose.jwtVerify(good, secret, { issuer: "urn:me" }),
      issuer: await told(() => jose.jwtVerify(good, secret, { issuer: "urn:you" })),
      expired: await told(async () => jose.jwtVerify(await sign(1_700_000_001), secret)),
      other: await told(() => jose.jwtVerify(good, new Uint8Array(32))),
      decoded: jose.decodeJwt(good),
    });
  },
  sign: () =>
    all(["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "ML-DSA-44"], signed),
  encrypt: () =>
    all(
      [
        "RSA-OAEP-256 A256GCM",
        "RSA-OAEP A128CBC-HS256",
        "ECDH-ES A256GCM",
        "ECDH-ES+A128KW A192GCM",
      ],
      (names) => sealed(...(names.split(" ") as [string, string])),
    ),
  direct: () =>
    all(["dir", "A128KW", "A192KW", "A256GCMKW", "PBES2-HS256+A128KW"], async (alg) => {
      const size = { dir: 32, A128KW: 16, A192KW: 24 }[alg] ?? 32;
      const key = new Uint8Array(size).fill(7);
      const sealer = new jose.EncryptJWT({ alg }).setProtectedHeader({ alg, enc: "A256GCM" });
      const token = await sealer.encrypt(key);
      const options = { keyManagementAlgorithms: [alg] };
      return (await jose.jwtDecrypt(token, key, options)).payload;
    }),
  async published() {
    const rsa = { kty: "RSA", kid: "one", e: "AQAB", n: "AQAB" };
    return Response.json({ keys: [rsa, { ...published, kid: "two" }] });
  },
  async remote(url) {
    const set = jose.createRemoteJWKSet(new URL("/keys/published", url));
    return Response.json(
      await told(async () => {
        const key = await jose.importJWK(own);
        const header = { alg: "ES256", kid: "two" };
        const token = await new jose.SignJWT({ b: 2 }).setProtectedHeader(header).sign(key);
        const { payload, protectedHeader } = await jose.jwtVerify(token, set);
        return [payload, protectedHeader, set.coolingDown, set.fresh, set.jwks()?.keys.length];
      }),
    );
  },
  async local() {
    const { privateKey, publicKey } = await jose.generateKeyPair("ES256");
    const set = jose.createLocalJWKSet({
      keys: [{ ...(await jose.exportJWK(publicKey)), kid: "k" }],
    });
    const token = (kid: string) =>
      new jose.SignJWT({ kid }).setProtectedHeader({ alg: "ES256", kid }).sign(privateKey);
    return Response.json([
      (await jose.jwtVerify(await token("k"), set)).payload,
      await told(async () => jose.jwtVerify(await token("other"), set)),
    ]);
  },
};

/* What BoringSSL makes of `node:crypto` (spec/node.md 7). */
import crypto from "node:crypto";
import { thrown } from "../shown.js";

const all = (values, run) =>
  Promise.all(values.map(async (value) => [value, await thrown(() => run(value))]));
const key16 = Buffer.alloc(16, 1);
const key32 = Buffer.alloc(32, 1);
const iv = Buffer.alloc(16, 2);
const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" });

export const cases = {
  "hashes that are there": () =>
    [
      "md4",
      "md5",
      "sha1",
      "sha224",
      "sha256",
      "sha384",
      "sha512",
      "sha512-256",
      "MD5",
      "SHA1",
      "SHA256",
      "RSA-SHA256",
      "md5-sha1",
    ]
      .filter((name) => name !== "md4")
      .map((name) => crypto.createHash(name).update("a").digest("hex").slice(0, 12)),
  "hashes that are not": () =>
    all(
      [
        "SHA-256",
        "sha-256",
        "Sha256",
        "sha512-224",
        "sha3-256",
        "shake256",
        "ripemd160",
        "rmd160",
        "blake2b512",
        "sm3",
        "whirlpool",
        "nope",
      ],
      (name) => crypto.createHash(name),
    ),
  "hmacs that are not": () =>
    all(["sha3-256", "ripemd160", "nope"], (name) => crypto.createHmac(name, "k")),
  "one-shot hashes": async () => [
    crypto.hash("sha256", "a").slice(0, 8),
    await thrown(() => crypto.hash("sha3-256", "a")),
  ],
  "signing with a digest that is not": () =>
    all(["nope", "sha3-256", "RIPEMD160"], (name) => crypto.createSign(name)),
  "verifying with a digest that is not": () =>
    all(["nope", "sha3-256"], (name) => crypto.createVerify(name)),
  "key derivation with a digest that is not": async () => [
    await thrown(() => crypto.pbkdf2Sync("p", "s", 1, 8, "nope")),
    await thrown(() => crypto.pbkdf2Sync("p", "s", 1, 8, "sha3-256")),
    await thrown(() => crypto.hkdfSync("nope", "k", "s", "i", 8)),
    await thrown(() => crypto.hkdfSync("sha3-256", "k", "s", "i", 8)),
  ],
  "digest twice": async () => {
    const hash = crypto.createHash("sha256");
    hash.digest();
    return [await thrown(() => hash.digest()), await thrown(() => hash.update("x"))];
  },
  lists: () => [crypto.getHashes(), crypto.getCiphers().toSorted(), crypto.getCurves()],
  "ciphers that are not": () =>
    all(
      [
        "aes-256-ccm",
        "aes-128-ccm",
        "aes-256-ocb",
        "aes-128-cfb",
        "aes-256-cfb8",
        "aes-128-xts",
        "id-aes128-wrap",
        "aes-128-wrap",
        "camellia-128-cbc",
        "bf-cbc",
        "chacha20",
        "aes256",
        "aes128",
        "id-aes256-GCM",
        "aria-128-cbc",
        "sm4-cbc",
        "nope",
      ],
      (name) => crypto.createCipheriv(name, key32, iv),
    ),
  "decipher of a cipher that is not": () =>
    all(["aes-256-ccm", "nope"], (name) => crypto.createDecipheriv(name, key32, iv)),
  "what is known of ciphers": () =>
    [
      "aes-256-gcm",
      "AES-256-CBC",
      "aes-256-ccm",
      "aes256",
      "chacha20-poly1305",
      "camellia-128-cbc",
      "nope",
    ].map((name) => [name, crypto.getCipherInfo(name)]),
  "round trips": () =>
    [
      "aes-128-cbc",
      "aes-192-cbc",
      "aes-256-cbc",
      "aes-128-ctr",
      "aes-256-ecb",
      "aes-256-ofb",
      "aes-256-gcm",
      "chacha20-poly1305",
      "des-ede3-cbc",
    ].map((name) => {
      const { keyLength, ivLength = 0, mode } = crypto.getCipherInfo(name);
      const key = Buffer.alloc(keyLength, 3);
      const start = ivLength === 0 ? null : Buffer.alloc(ivLength, 4);
      const options = name === "chacha20-poly1305" ? { authTagLength: 16 } : undefined;
      const cipher = crypto.createCipheriv(name, key, start, options);
      const secret = Buffer.concat([cipher.update("some text", "utf8"), cipher.final()]);
      const decipher = crypto.createDecipheriv(name, key, start, options);
      if (mode === "gcm" || options) decipher.setAuthTag(cipher.getAuthTag());
      return [
        name,
        secret.toString("hex"),
        decipher.update(secret, undefined, "utf8") + decipher.final("utf8"),
      ];
    }),
  "text without an encoding": async () => [
    await thrown(() => crypto.createCipheriv("aes-128-cbc", key16, iv).update("text")),
    await thrown(() => crypto.createDecipheriv("aes-128-cbc", key16, iv).update("text")),
    crypto.createCipheriv("aes-128-cbc", key16, iv).update("text", "utf8").length,
  ],
  "wrong keys and vectors": async () => [
    await thrown(() => crypto.createCipheriv("aes-128-cbc", key32, iv)),
    await thrown(() => crypto.createCipheriv("aes-128-cbc", key16, Buffer.alloc(3))),
    await thrown(() => crypto.createCipheriv("aes-128-cbc", key16, null)),
    await thrown(() => crypto.createCipheriv("aes-128-gcm", key16, Buffer.alloc(0))),
  ],
  "failed authentication": async () => {
    const cipher = crypto.createCipheriv("aes-128-gcm", key16, iv);
    const secret = Buffer.concat([cipher.update("x", "utf8"), cipher.final()]);
    const tag = cipher.getAuthTag();
    tag[0] ^= 1;
    const decipher = crypto.createDecipheriv("aes-128-gcm", key16, iv);
    decipher.setAuthTag(tag);
    decipher.update(secret);
    return [
      await thrown(() => decipher.final()),
      await thrown(() => crypto.createCipheriv("aes-128-gcm", key16, iv).getAuthTag()),
    ];
  },
  "bad padding": async () => {
    const decipher = crypto.createDecipheriv("aes-128-cbc", key16, iv);
    decipher.update(Buffer.alloc(16));
    return thrown(() => decipher.final());
  },
  "old ciphers": async () => [
    await thrown(() => crypto.createCipher("aes-128-cbc", "k")),
    await thrown(() => crypto.createDecipher("aes-128-cbc", "k")),
  ],
  "curves that are not": async () => [
    await thrown(() => crypto.createECDH("secp256k1")),
    await thrown(() => crypto.createECDH("nope")),
    await thrown(() => crypto.generateKeyPairSync("ec", { namedCurve: "secp256k1" })),
    await thrown(() => crypto.generateKeyPairSync("ec", { namedCurve: "nope" })),
    await thrown(() => crypto.generateKeyPairSync("ec", {})),
  ],
  "curves that are": () =>
    ["prime256v1", "P-256", "secp384r1", "P-384", "secp521r1", "secp224r1"].map(
      (namedCurve) => crypto.generateKeyPairSync("ec", { namedCurve }).publicKey.asymmetricKeyType,
    ),
  "kinds of keys that are not": () =>
    all(["dsa", "rsa-pss", "ed448", "x448", "nope"], (type) =>
      crypto.generateKeyPairSync(type, { modulusLength: 1024 }),
    ),
  "kinds of keys that are": () =>
    ["ed25519", "x25519"].map(
      (type) => crypto.generateKeyPairSync(type).privateKey.asymmetricKeyType,
    ),
  groups: async () => [
    await thrown(() => crypto.getDiffieHellman("modp1")),
    await thrown(() => crypto.createDiffieHellmanGroup("modp5")),
    crypto.getDiffieHellman("modp14").getPrime().length,
  ],
  "a key in options": async () => [
    await thrown(() =>
      crypto.sign("sha256", Buffer.from("x"), {
        key: privateKey,
        padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
      }),
    ),
    await thrown(() => crypto.createSign("sha256").update("x").sign({ key: privateKey })),
    await thrown(() =>
      crypto.createVerify("sha256").update("x").verify({ key: publicKey }, Buffer.alloc(8)),
    ),
    await thrown(() =>
      crypto.sign("sha256", Buffer.from("x"), { key: ec.privateKey, dsaEncoding: "ieee-p1363" }),
    ),
    await thrown(() => crypto.publicEncrypt({ key: publicKey }, Buffer.from("x"))),
    await thrown(() => crypto.privateDecrypt({ key: privateKey }, Buffer.from("x"))),
  ],
  signatures: () =>
    [
      ["sha256", privateKey, publicKey],
      ["sha256", ec.privateKey, ec.publicKey],
    ].map(([digest, secret, open]) =>
      crypto.verify(digest, Buffer.from("x"), open, crypto.sign(digest, Buffer.from("x"), secret)),
    ),
  "signatures by pem in options": () => {
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    const open = publicKey.export({ type: "spki", format: "pem" });
    const padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
    return crypto.verify(
      "sha256",
      Buffer.from("x"),
      { key: open, padding },
      crypto.sign("sha256", Buffer.from("x"), { key, padding }),
    );
  },
  ed25519: () => {
    const pair = crypto.generateKeyPairSync("ed25519");
    return crypto.verify(
      null,
      Buffer.from("x"),
      pair.publicKey,
      crypto.sign(null, Buffer.from("x"), pair.privateKey),
    );
  },
  encryption: () =>
    crypto.privateDecrypt(privateKey, crypto.publicEncrypt(publicKey, Buffer.from("x"))).toString(),
  derivations: () => [
    crypto.pbkdf2Sync("p", "s", 10, 8, "sha256").toString("hex"),
    crypto.scryptSync("p", "s", 8).toString("hex"),
    Buffer.from(crypto.hkdfSync("sha256", "k", "s", "i", 8)).toString("hex"),
  ],
  "timing-safe comparison": async () => [
    crypto.timingSafeEqual(key16, key16),
    await thrown(() => crypto.timingSafeEqual(key16, key32)),
    await thrown(() => crypto.timingSafeEqual("a", "b")),
  ],
  "what belongs to the process": async () => [
    crypto.getFips(),
    crypto.fips,
    await thrown(() => crypto.setFips(true)),
    await thrown(() => {
      crypto.fips = true;
    }),
    await thrown(() => crypto.setEngine("x")),
    crypto.secureHeapUsed(),
  ],
  "web crypto": () => [
    crypto.webcrypto === globalThis.crypto,
    crypto.subtle === globalThis.crypto.subtle,
    crypto.CryptoKey === CryptoKey,
    Object.getOwnPropertyDescriptor(crypto, "constants").enumerable,
  ],
  keys: async () => {
    const secret = crypto.createSecretKey(Buffer.from("abc"));
    return [
      secret.type,
      secret.symmetricKeySize,
      secret.constructor.name,
      privateKey.constructor.name,
      publicKey.constructor.name,
      privateKey instanceof crypto.KeyObject,
      secret.export().toString(),
      await thrown(() => crypto.createPrivateKey("nope")),
      await thrown(() => crypto.createPublicKey("nope")),
    ];
  },
  "keys of web crypto": async () => {
    const key = await crypto.subtle.importKey(
      "raw",
      Buffer.from("k"),
      { name: "HMAC", hash: "SHA-256" },
      true,
      ["sign"],
    );
    return [
      crypto.createHmac("sha256", key).update("x").digest("hex").slice(0, 8),
      crypto.createHmac("sha256", "k").update("x").digest("hex").slice(0, 8),
      crypto.KeyObject.from(key).type,
    ];
  },
  "a key for web crypto": () =>
    crypto
      .createSecretKey(Buffer.from("abc"))
      .toCryptoKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]) instanceof CryptoKey,
  certificates: async () => [
    await thrown(() => new crypto.X509Certificate("nope")),
    await thrown(() => new crypto.X509Certificate(Buffer.from("nope"))),
    crypto.Certificate.verifySpkac?.("x") ?? null,
  ],
  randomness: () => [
    crypto.randomBytes(4).length,
    crypto.randomInt(5) < 5,
    crypto.randomUUID().length,
    crypto.randomFillSync(Buffer.alloc(2)).length,
    crypto.getRandomValues(new Uint8Array(2)).length,
  ],
  "what is not there": () =>
    ["prng", "rng", "argon2", "argon2Sync", "encapsulate", "decapsulate", "getMacs"].map(
      (name) => typeof crypto[name],
    ),
};

import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 10: crypto */

const { subtle } = crypto;
const bytes = (size) => new Uint8Array(size);
const aes = () =>
  subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["decrypt", "encrypt"]);
const ILLEGAL =
  "Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";

behaviour("10.1", "methods know their receiver, and their arguments", async () => {
  const { getRandomValues, randomUUID } = crypto;
  const { digest } = subtle;
  throws(() => getRandomValues(bytes(1)), "TypeError", ILLEGAL);
  throws(() => randomUUID(), "TypeError", ILLEGAL);
  throws(() => digest("SHA-1", bytes(1)), "TypeError", ILLEGAL);
  throws(
    () => crypto.getRandomValues(5),
    "TypeError",
    "Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'.",
  );
  throws(
    () => subtle.timingSafeEqual(5, 5),
    "TypeError",
    "Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter 1 is not of type 'BufferSource'.",
  );
  const unknown = "Unrecognized or unimplemented digest algorithm requested.";
  await rejects(() => subtle.digest("nope", bytes(1)), "NotSupportedError", unknown);
  throws(() => new crypto.DigestStream("nope"), "NotSupportedError", unknown);
  equal((await subtle.digest({ name: "md5" }, bytes(1))).byteLength, 16);
});

behaviour("10.1", "the members of a key are its own", async () => {
  const key = await aes();
  equal(JSON.parse(JSON.stringify(key)), {
    usages: ["encrypt", "decrypt"],
    algorithm: { name: "AES-GCM", length: 128 },
    extractable: true,
    type: "secret",
  });
  const { algorithm, usages } = key;
  equal([key.algorithm === algorithm, key.usages === usages], [true, true]);
  const { publicKey } = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  equal((await subtle.exportKey("jwk", publicKey)).alg, "EdDSA");
});

const gcm = { name: "AES-GCM" };
const generate = (algorithm, usages) => () => subtle.generateKey(algorithm, true, usages);
const imported = (format, data, algorithm, usages) => () =>
  subtle.importKey(format, data, algorithm, true, usages);

behaviour("10.3", "generateKey says what is wrong", async () => {
  for (const [action, name, text] of [
    [
      generate({ name: "AES-GCM", length: 100 }, ["encrypt"]),
      "OperationError",
      "Generated AES key length must be 128, 192, or 256 bits but requested 100.",
    ],
    [generate(gcm, ["encrypt"]), "TypeError", 'Missing field "length" in "algorithm".'],
    [
      generate({ name: "AES-GCM", length: 128 }, ["sign"]),
      "SyntaxError",
      'Attempt to generate AES-GCM key with invalid usage "sign".',
    ],
    [
      generate({ name: "AES-GCM", length: 128 }, []),
      "SyntaxError",
      "Secret/private CryptoKeys must have at least one usage.",
    ],
    [
      generate("FOO", []),
      "NotSupportedError",
      'Unrecognized key generation algorithm "FOO" requested.',
    ],
    [
      generate({ name: "ECDSA", namedCurve: "P-999" }, ["sign"]),
      "NotSupportedError",
      'Unrecognized or unimplemented EC curve "P-999" requested.',
    ],
  ]) {
    await rejects(action, name, text);
  }
});

behaviour("10.3", "importKey says what is wrong", async () => {
  const jwk = (members) => imported("jwk", members, "AES-GCM", ["encrypt"]);
  for (const [action, name, text] of [
    [
      imported("raw", bytes(16), "NOPE", []),
      "NotSupportedError",
      'Unrecognized key import algorithm "NOPE" requested.',
    ],
    [
      imported("foo", bytes(16), "AES-GCM", ["encrypt"]),
      "NotSupportedError",
      'Unrecognized key import format "foo".',
    ],
    [
      imported("raw", bytes(5), "AES-GCM", ["encrypt"]),
      "DataError",
      "Imported AES key length must be 128, 192, or 256 bits but provided 40.",
    ],
    [
      jwk(bytes(5)),
      "TypeError",
      'Import data provided for "jwk" import format must be a JsonWebKey.',
    ],
    [
      imported("raw", {}, "AES-GCM", ["encrypt"]),
      "TypeError",
      "Import data provided for buffer-based import formats must be a buffer source.",
    ],
    [
      jwk({ kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", alg: "A256GCM" }),
      "DataError",
      'Symmetric "jwk" key contains invalid "alg" value "A256GCM", expected "A128GCM".',
    ],
    [
      jwk({ kty: "EC", k: "AAAA" }),
      "DataError",
      'Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" (encountered "EC").',
    ],
    [
      imported("raw", bytes(5), "PBKDF2", ["deriveBits"]),
      "SyntaxError",
      "PBKDF2 key cannot be extractable.",
    ],
    [
      imported("raw-secret", bytes(16), "AES-GCM", ["encrypt"]),
      "NotSupportedError",
      'Key format "raw-secret" requires the webcrypto_modern_algorithms flag.',
    ],
  ]) {
    await rejects(action, name, text);
  }
});

behaviour("10.3", "a key is used for what it is", async () => {
  const key = await aes();
  const encrypt = (algorithm) => () => subtle.encrypt(algorithm, key, bytes(1));
  const hmac = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const ec = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const dh = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const secret = await subtle.importKey("raw", bytes(5), "PBKDF2", false, ["deriveBits"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-1", salt: bytes(1), iterations: 1 };
  for (const [action, name, text] of [
    [
      encrypt({ name: "AES-CBC", iv: bytes(16) }),
      "InvalidAccessError",
      'Requested algorithm "AES-CBC" does not match this CryptoKey\'s algorithm "AES-GCM".',
    ],
    [encrypt(gcm), "TypeError", 'Missing field "iv" in "algorithm".'],
    [encrypt({ ...gcm, iv: bytes(0) }), "OperationError", "AES-GCM IV must not be empty."],
    [
      encrypt({ ...gcm, iv: bytes(12), tagLength: 5 }),
      "OperationError",
      "Invalid AES-GCM tag length 5.",
    ],
    [
      () => subtle.decrypt({ ...gcm, iv: bytes(12) }, key, bytes(32)),
      "OperationError",
      "Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or another algorithm-specific reason. Input length was 16, output length expected to be 16 for AES-GCM",
    ],
    [
      () => subtle.exportKey("raw", hmac),
      "InvalidAccessError",
      "Attempt to export non-extractable HMAC key.",
    ],
    [
      () => subtle.verify("HMAC", hmac, bytes(1), bytes(1)),
      "InvalidAccessError",
      'Requested key usage "verify" does not match any usage listed in this CryptoKey.',
    ],
    [
      () => subtle.exportKey("foo", key),
      "NotSupportedError",
      'AES-GCM key only supports exporting "raw", "raw-secret" & "jwk", not "foo".',
    ],
    [
      () => subtle.deriveBits(pbkdf2, secret, 7),
      "OperationError",
      "PBKDF2 requires a derived key length that is a multiple of eight (requested 7).",
    ],
    [
      () => subtle.deriveBits(pbkdf2, secret, null),
      "OperationError",
      "PBKDF2 cannot derive a key with null length.",
    ],
    [
      () => subtle.deriveBits({ name: "ECDH", public: dh.publicKey }, dh.privateKey, 300),
      "OperationError",
      "Derived key length (300 bits) is too long (should be at most 256 bits).",
    ],
  ]) {
    await rejects(action, name, text);
  }
  try {
    await subtle.sign("ECDSA", ec.privateKey, bytes(1));
    check(false, "no error");
  } catch (error) {
    check(error.message.startsWith('Missing "hash" in AlgorithmIdentifier.'), error.message);
  }
});

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const shown = ({ algorithm, type, usages }) =>
  JSON.parse(JSON.stringify([algorithm, type, usages]));

behaviour("10.2", "HMAC with MD5", async () => {
  const algorithm = { name: "HMAC", hash: "MD5" };
  const key = await subtle.importKey("raw", utf8("secret"), algorithm, true, ["sign", "verify"]);
  equal(shown(key), [
    { name: "HMAC", hash: { name: "MD5" }, length: 48 },
    "secret",
    ["sign", "verify"],
  ]);
  const signature = await subtle.sign("HMAC", key, utf8("data"));
  equal(hex(signature), "df08aef118f36b32e29d2f47cda649b6");
  equal(await subtle.verify("HMAC", key, signature, utf8("data")), true);
  equal(await subtle.verify("HMAC", key, signature, utf8("date")), false);
  equal(hex(await subtle.exportKey("raw", key)), hex(utf8("secret")));
  await rejects(
    () => subtle.exportKey("jwk", key),
    "NotSupportedError",
    'Unimplemented JWK key export format for key algorithm "MD5".',
  );
  const made = await subtle.generateKey({ name: "hmac", hash: { name: "md5" } }, true, ["sign"]);
  equal(shown(made)[0].length, 512);
  equal((await subtle.sign("HMAC", made, utf8("x"))).byteLength, 16);
  await rejects(
    () => subtle.verify("HMAC", made, new Uint8Array(16), utf8("x")),
    "InvalidAccessError",
    'Requested key usage "verify" does not match any usage listed in this CryptoKey.',
  );
});

behaviour("10.2", "HMAC keys of any number of bits", async () => {
  const algorithm = { name: "HMAC", hash: "SHA-256", length: 100 };
  const key = await subtle.importKey("raw", bytes(13).fill(255), algorithm, true, ["sign"]);
  equal(shown(key)[0], { name: "HMAC", hash: { name: "SHA-256" }, length: 100 });
  equal(hex(await subtle.exportKey("raw", key)), "fffffffffffffffffffffffff0");
  equal(
    hex(await subtle.sign("HMAC", key, utf8("d"))),
    "ac6d83c185fd5d50d050c512c9ad53574ad4db2a93436aaa8c3d37dcaecd6ef8",
  );
  const made = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
  equal((await subtle.exportKey("raw", made)).byteLength, 13);
  await rejects(
    () =>
      subtle.importKey("raw", bytes(3), { name: "HMAC", hash: "MD5", length: 64 }, true, ["sign"]),
    "DataError",
    "Imported HMAC key length (64) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (24).",
  );
});

behaviour("10.2", "PBKDF2 and HKDF with MD5", async () => {
  const [salt, info] = [utf8("salt"), utf8("i")];
  const pbkdf2 = { name: "PBKDF2", hash: "MD5", salt, iterations: 10 };
  const usages = ["deriveBits", "deriveKey"];
  const password = await subtle.importKey("raw", utf8("pw"), "PBKDF2", false, usages);
  equal(
    hex(await subtle.deriveBits(pbkdf2, password, 256)),
    "c417d2d11bdb6e65079d5407a30e4caa5e13916a0c3bfbd593b2cb27a3ea8e44",
  );
  const aesKey = await subtle.deriveKey(pbkdf2, password, { name: "AES-GCM", length: 128 }, true, [
    "encrypt",
  ]);
  equal(hex(await subtle.exportKey("raw", aesKey)), "c417d2d11bdb6e65079d5407a30e4caa");
  const hmac = await subtle.deriveKey(
    { ...pbkdf2, hash: "SHA-256" },
    password,
    { name: "HMAC", hash: "MD5" },
    true,
    ["sign"],
  );
  equal(shown(hmac)[0], { name: "HMAC", hash: { name: "MD5" }, length: 512 });
  equal(hex(await subtle.sign("HMAC", hmac, utf8("x"))), "eca4cb4ea33facf61011eef3138c3cf3");
  const secret = await subtle.importKey("raw", utf8("pw"), "HKDF", false, ["deriveBits"]);
  equal(
    hex(await subtle.deriveBits({ name: "HKDF", hash: "MD5", salt, info }, secret, 128)),
    "c6e921b6d6f5dbda0a1b0894624f54bc",
  );
});

behaviour("10.2", "keys of NODE-ED25519 are not those of Ed25519", async () => {
  const algorithm = { name: "NODE-ED25519", namedCurve: "NODE-ED25519" };
  const { publicKey, privateKey } = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
  equal(shown(publicKey), [algorithm, "public", ["verify"]]);
  equal(shown(privateKey), [algorithm, "private", ["sign"]]);
  const signature = await subtle.sign("NODE-ED25519", privateKey, utf8("d"));
  equal(await subtle.verify({ name: "node-ed25519" }, publicKey, signature, utf8("d")), true);
  await rejects(
    () => subtle.verify("Ed25519", publicKey, signature, utf8("d")),
    "InvalidAccessError",
    'Requested algorithm "Ed25519" does not match this CryptoKey\'s algorithm "NODE-ED25519".',
  );
  const jwk = await subtle.exportKey("jwk", privateKey);
  equal([jwk.kty, jwk.crv, jwk.key_ops], ["OKP", "Ed25519", ["sign"]]);
  const raw = await subtle.exportKey("raw", publicKey);
  equal(shown(await subtle.importKey("raw", raw, algorithm, true, ["verify"])), shown(publicKey));
  equal(
    await subtle
      .importKey("raw", raw, "Ed25519", true, ["verify"])
      .then((key) => key.algorithm.name),
    "Ed25519",
  );
  await rejects(
    () => subtle.generateKey("NODE-ED25519", true, ["sign"]),
    "TypeError",
    'Missing field "namedCurve" in "algorithm".',
  );
  await rejects(
    () => subtle.generateKey({ name: "NODE-ED25519", namedCurve: "x" }, true, ["sign"]),
    "NotSupportedError",
    'EDDSA curve "x" isn\'t supported.',
  );
});

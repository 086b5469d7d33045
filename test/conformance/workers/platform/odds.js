import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 2.5, 10, 11: what few Workers look for */

const { subtle } = crypto;
const rsa = (name, hash, usages) =>
  subtle.generateKey(
    { name, hash, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    usages,
  );
const data = new Uint8Array([1, 2, 3]);

behaviour("10.2", "RSA with MD5 signs and encrypts", async () => {
  for (const algorithm of [{ name: "RSASSA-PKCS1-v1_5" }, { name: "RSA-PSS", saltLength: 16 }]) {
    const { privateKey, publicKey } = await rsa(algorithm.name, "MD5", ["sign", "verify"]);
    equal([publicKey.algorithm.hash.name, privateKey.algorithm.modulusLength], ["MD5", 2048]);
    const signature = await subtle.sign(algorithm, privateKey, data);
    equal(signature.byteLength, 256);
    equal(await subtle.verify(algorithm, publicKey, signature, data), true);
    equal(await subtle.verify(algorithm, publicKey, signature, new Uint8Array(3)), false);
    const text = 'JWK export not supported for hash algorithm "MD5".';
    await rejects(() => subtle.exportKey("jwk", publicKey), "NotSupportedError", text);
    const der = await subtle.exportKey("pkcs8", privateKey);
    const again = await subtle.importKey(
      "pkcs8",
      der,
      { name: algorithm.name, hash: "MD5" },
      false,
      ["sign"],
    );
    const second = await subtle.sign(algorithm, again, data);
    equal(await subtle.verify(algorithm, publicKey, second, data), true);
  }
  const { privateKey, publicKey } = await rsa("RSA-OAEP", "MD5", ["encrypt", "decrypt"]);
  const sealed = await subtle.encrypt({ name: "RSA-OAEP" }, publicKey, data);
  const opened = await subtle.decrypt({ name: "RSA-OAEP" }, privateKey, sealed);
  equal([...new Uint8Array(opened)], [1, 2, 3]);
});

behaviour("10.2", "a JWK of another RSA hash is refused", async () => {
  const { publicKey } = await rsa("RSASSA-PKCS1-v1_5", "SHA-256", ["sign", "verify"]);
  const jwk = await subtle.exportKey("jwk", publicKey);
  await rejects(
    () =>
      subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }, true, ["verify"]),
    "DataError",
    'JSON Web Key Algorithm parameter "alg" ("RS256") does not match requested hash algorithm "RS256".',
  );
});

behaviour("10.2", "RSA-RAW signs what is padded already, and does nothing else", async () => {
  const pair = await rsa("RSASSA-PKCS1-v1_5", "SHA-256", ["sign", "verify"]);
  const { alg, key_ops, ext, ...jwk } = await subtle.exportKey("jwk", pair.privateKey);
  const raw = (format, key, usages) => subtle.importKey(format, key, "RSA-RAW", true, usages);
  const key = await raw("jwk", jwk, ["sign"]);
  equal([key.algorithm.name, key.algorithm.hash, key.usages], ["RSA-RAW", undefined, ["sign"]]);
  const padded = new Uint8Array(256);
  padded[255] = 2;
  const signature = await subtle.sign("RSA-RAW", key, padded);
  equal(signature.byteLength, 256);
  equal((await subtle.exportKey("pkcs8", key)).byteLength > 1200, true);
  const spki = await subtle.exportKey("spki", pair.publicKey);
  const sign = (bytes) => subtle.sign("RSA-RAW", key, bytes);
  await rejects(() => sign(new Uint8Array(10)), "OperationError", "Invalid RSA signature.");
  await rejects(
    () => sign(new Uint8Array(300)),
    "DataError",
    "Blind Signing requires presigned data (300 bytes) to be smaller than the key (256 bytes).",
  );
  await rejects(
    () => sign(new Uint8Array(256).fill(255)),
    "DataError",
    "Blind Signing requires presigned data value to be strictly smaller than RSA keymodulus, consider using a larger key size.",
  );
  await rejects(
    () => raw("jwk", jwk, ["sign", "verify"]),
    "SyntaxError",
    'Attempt to import private RSA-RAW key with invalid usage "verify".',
  );
  await rejects(
    () => raw("spki", spki, ["verify"]),
    "DataError",
    'RSA-RAW only supports private keys but requested "public".',
  );
  await rejects(
    () => subtle.exportKey("spki", key),
    "InvalidAccessError",
    'Asymmetric spki export requires public key (not "private").',
  );
});

behaviour("10.3", "NODE-ED25519 keys have no alg as JWK, Ed25519 keys EdDSA", async () => {
  const make = (algorithm) => subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const node = { name: "NODE-ED25519", namedCurve: "NODE-ED25519" };
  const [older, newer] = [await make(node), await make("Ed25519")];
  const jwk = await subtle.exportKey("jwk", older.privateKey);
  equal([jwk.alg, jwk.crv], [undefined, "Ed25519"]);
  equal((await subtle.exportKey("jwk", newer.publicKey)).alg, "EdDSA");
  const { x, d } = jwk;
  const load = (more) =>
    subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x, d, ...more }, node, true, ["sign"]);
  equal((await load({ alg: "EdDSA" })).algorithm, node);
  await rejects(
    () => load({ alg: "Ed25519" }),
    "DataError",
    'JSON Web Key Algorithm parameter "alg" ("Ed25519") does not match requested Ed25519 curve.',
  );
  await rejects(
    () => load({ crv: "X25519" }),
    "NotSupportedError",
    'Only Ed25519 is supported but "X25519" was requested.',
  );
});

const openPair = () => {
  const [left, right] = Object.values(new WebSocketPair());
  left.accept();
  right.accept();
  return [left, right];
};

behaviour("11.1", "shared memory is sent as bytes", async () => {
  const [left, right] = openPair();
  right.binaryType = "arraybuffer";
  const arrived = new Promise((resolve) => right.addEventListener("message", resolve));
  left.send(new SharedArrayBuffer(3));
  const event = await arrived;
  equal([event.data.byteLength, event.source, event.origin], [3, null, null]);
});

behaviour("11.1", "close codes beyond 32 bits, and BigInts, are refused", () => {
  const [socket] = openPair();
  const range = "Value out of range. Must be between -2147483648 and 2147483647 (inclusive).";
  for (const code of [1e12, 2 ** 31]) throws(() => socket.close(code), "TypeError", range);
  throws(() => socket.close(1000n), "TypeError", "Cannot convert a BigInt value to a number");
  throws(() => socket.close(-1), "InvalidAccessError", "Invalid WebSocket close code: -1.");
});

behaviour("11.1", "the url of a WebSocket is as it was written", () => {
  for (const url of ["ws://127.0.0.1:1", "WS://127.0.0.1:1/a b/../%7e"]) {
    const socket = new WebSocket(url);
    socket.addEventListener("error", () => {});
    equal(socket.url, url);
  }
  for (const url of [" ws://127.0.0.1:1", "ws:127.0.0.1:1"]) {
    throws(() => new WebSocket(url), "SyntaxError", "WebSocket Constructor: The url is invalid.");
  }
});

behaviour("11.1", "sockets keep attachments outside of Durable Objects too", () => {
  const [socket] = openPair();
  equal(socket.deserializeAttachment(), null);
  const value = { a: new Map([[1, 2]]) };
  socket.serializeAttachment(value);
  const copy = socket.deserializeAttachment();
  equal([copy === value, copy.a.get(1)], [false, 2]);
  throws(
    () => socket.serializeAttachment("x".repeat(20000)),
    "Error",
    "A WebSocket 'attachment' cannot be larger than 16384 bytes.'attachment' was 20006 bytes.",
  );
  check(copy.a instanceof Map, "class");
});

behaviour("2.5", "sources and ports of a MessageEvent are checked", async () => {
  equal(new MessageEvent("x", { source: null, origin: 5 }).origin, "5");
  const field = (name, type) =>
    `Incorrect type for the '${name}' field on 'Initializer': the provided value is not of type '${type}'.`;
  throws(() => new MessageEvent("x", { source: {} }), "TypeError", field("source", "MessagePort"));
  throws(() => new MessageEvent("x", { ports: 5 }), "TypeError", field("ports", "Array"));
  throws(
    () => new MessageEvent("x", { ports: [1] }),
    "TypeError",
    "Incorrect type for array element 0: the provided value is not of type 'MessagePort'.",
  );
});

behaviour(
  "2.7",
  "the source of a port's message is that port",
  async () => {
    const { port1, port2 } = new MessageChannel();
    const event = await new Promise((resolve) => {
      port2.onmessage = resolve;
      port1.postMessage("x");
    });
    port1.close();
    equal([event.source === port2, event.origin, event.ports], [true, null, []]);
    equal(new MessageEvent("x", { source: port1 }).source === port1, true);
  },
  { dates: ["newest", "2025"] },
);

behaviour(
  "19.1",
  "console.createTask gives what runs a function",
  () => {
    const { createTask } = console;
    equal([createTask.name, createTask.length], ["createTask", 0]);
    for (const name of [undefined, "", 5]) {
      throws(() => createTask(name), "Error", "First argument must be a non-empty string.");
    }
    const task = createTask("task");
    equal(
      [Object.keys(task), task.run.name, task.run.length, task.constructor.name],
      [["run"], "run", 0, ""],
    );
    equal(
      task.run(function (...args) {
        return [this === undefined, args.length];
      }),
      [true, 0],
    );
    throws(() => task.run(5), "Error", "First argument must be a function.");
    const thrower = () => {
      throw new RangeError("in a task");
    };
    throws(() => task.run(thrower), "RangeError", "in a task");
    const { run } = task;
    throws(
      () => run(() => {}),
      "TypeError",
      "Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.",
    );
  },
  // There where the runtime has an inspector, as in `wrangler dev`.
  { not: ["workerd"] },
);

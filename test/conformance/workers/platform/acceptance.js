import { behaviour, equal, rejects, throws } from "../harness.js";

/* 21: points of acceptance that no other case holds whole; README.md has all of them */

const opened = (options) => {
  const ends = Object.values(new WebSocketPair());
  for (const end of ends) end.accept(options);
  return ends;
};
const closing = (socket) =>
  new Promise((resolve) => {
    socket.addEventListener("close", ({ code, reason, wasClean }) =>
      resolve([code, reason, wasClean, socket.readyState]),
    );
  });

behaviour(
  "21",
  "16: one close() closes both ends of a pair",
  async () => {
    const [left, right] = opened();
    const both = [closing(left), closing(right)];
    left.close(4000, "why");
    equal(await Promise.all(both), [
      [4000, "why", true, 3],
      [4000, "why", true, 3],
    ]);
  },
  { dates: ["newest"] },
);

behaviour("21", "16: with allowHalfOpen the receiver goes on sending, and must close", async () => {
  const [left, right] = opened({ allowHalfOpen: true });
  const said = [];
  left.addEventListener("message", ({ data }) => said.push(data));
  const [ends, arrives] = [closing(left), closing(right)];
  left.close(4000, "why");
  equal(await arrives, [4000, "why", true, 2]);
  right.send("still here");
  right.close(4001, "done");
  equal(await ends, [4001, "done", true, 3]);
  equal(said, ["still here"]);
});

behaviour("21", "28: a Response with a null body status takes no bytes, and no byte", () => {
  for (const status of [204, 205, 304]) {
    for (const body of [new Uint8Array(0), new ArrayBuffer(0), new Blob([]), "", null]) {
      equal(new Response(body, { status }).body, null);
    }
    for (const body of [new Uint8Array(1), "x", new FormData(), new ReadableStream()]) {
      throws(
        () => new Response(body, { status }),
        "TypeError",
        "Response with null body status (101, 204, 205, or 304) cannot have a body.",
      );
    }
  }
});

behaviour(
  "21",
  "29: MD5, PBKDF2 with it, NODE-ED25519, odd HMAC keys; no endless key",
  async () => {
    const { subtle } = crypto;
    const data = new TextEncoder().encode("abc");
    const hex = (bytes) =>
      Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
    equal(hex(await subtle.digest("MD5", data)), "900150983cd24fb0d6963f7d28e17f72");
    const secret = await subtle.importKey("raw", data, "PBKDF2", false, ["deriveBits"]);
    const derived = { name: "PBKDF2", hash: "MD5", salt: data, iterations: 2 };
    equal((await subtle.deriveBits(derived, secret, 128)).byteLength, 16);
    const curve = { name: "NODE-ED25519", namedCurve: "NODE-ED25519" };
    const { privateKey, publicKey } = await subtle.generateKey(curve, true, ["sign", "verify"]);
    const signature = await subtle.sign(curve, privateKey, data);
    equal(await subtle.verify(curve, publicKey, signature, data), true);
    const hmac = { name: "HMAC", hash: "SHA-256", length: 100 };
    const key = await subtle.generateKey(hmac, true, ["sign"]);
    equal([key.algorithm.length, (await subtle.sign("HMAC", key, data)).byteLength], [100, 32]);
    const endless = {
      name: "RSA-PSS",
      hash: "SHA-256",
      modulusLength: 32768,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    await rejects(
      () => subtle.generateKey(endless, true, ["sign", "verify"]),
      "OperationError",
      "The modulus length must be a multiple of 8 and between 256 and 16k, but 32768 was requested.",
    );
  },
);

behaviour("21", "33: of two timers the one that is due first runs first", async () => {
  const order = [];
  await new Promise((resolve) => {
    setTimeout(() => {
      order.push("one");
      resolve();
    }, 1);
    setTimeout(() => order.push("zero"), 0);
  });
  equal(order, ["zero", "one"]);
});

behaviour("21", "34: a foreign receiver and a missing argument throw at once", () => {
  throws(
    () => Response.prototype.text.call({}),
    "TypeError",
    /^Illegal invocation: function called with incorrect `this` reference\. See https:/,
  );
  throws(
    () => new Headers().set("a"),
    "TypeError",
    "Failed to execute 'set' on 'Headers': parameter 2 is not of type 'string'.",
  );
});

behaviour("21", "36: for...in shows members in the order of the class, keys none", () => {
  const names = [];
  for (const name in new Response()) names.push(name);
  const own = "clone status statusText headers ok redirected url webSocket cf type";
  const body = "body bodyUsed arrayBuffer bytes text json formData blob";
  equal(names.join(" "), `${own} ${body}`);
  equal(Object.keys(new Response()), []);
});

behaviour(
  "21",
  "19: a socket opens though the server picks none of its protocols",
  async (scene) => {
    const url = new URL("/socket/throwing", scene.request.url);
    url.protocol = "ws:";
    const socket = new WebSocket(url, ["a"]);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", ({ message }) => reject(new Error(message)));
    });
    equal([socket.protocol, socket.readyState], [null, 1]);
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    // Its listener throws, which ends the connection whatever the date.
    socket.send("throw");
    await closed;
  },
);

behaviour(
  "21",
  "35: what a Worker of 2024-01-01 does not have",
  () => {
    throws(
      () => new Request("http://a", { cache: "no-store" }),
      "Error",
      "The 'cache' field on 'RequestInitializerDict' is not implemented.",
    );
    equal(
      [typeof MessageChannel, typeof WeakRef, "cache" in new Request("http://a")],
      ["undefined", "undefined", false],
    );
    throws(
      () => new Request("http://a", { method: "patch" }),
      "TypeError",
      "Invalid HTTP method string: patch",
    );
  },
  { dates: ["2024"] },
);

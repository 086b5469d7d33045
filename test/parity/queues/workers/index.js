/** What queues say and show, by name: GET / answers with all of it. */
const delivered = new Map();

const type = (value) => (value === null ? "null" : (value?.constructor?.name ?? typeof value));
const bytes = (value) => (value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value);

/** Sends `body` and resolves with what the handler saw of it. */
async function roundTrip(queue, body, options) {
  const before = delivered.size;
  await queue.send(body, options);
  while (delivered.size === before) await scheduler.wait(5);
  return [...delivered.values()][before];
}

const PROBES = {
  "send nothing": (Q) => Q.send(),
  "send undefined": (Q) => Q.send(undefined),
  "send, unknown type": (Q) => Q.send(1, { contentType: "xml" }),
  "send, type is a number": (Q) => Q.send(1, { contentType: 5 }),
  "send text, a number": (Q) => Q.send(1, { contentType: "text" }),
  "send bytes, an object": (Q) => Q.send({}, { contentType: "bytes" }),
  "send bytes, a buffer": (Q) => Q.send(new ArrayBuffer(2), { contentType: "bytes" }),
  "send bytes detaches": async (Q) => {
    const view = new Uint8Array([1, 2]);
    await Q.send(view, { contentType: "bytes" });
    return view.byteLength;
  },
  "sendBatch bytes does not": async (Q) => {
    const view = new Uint8Array([1, 2]);
    await Q.sendBatch([{ body: view, contentType: "bytes" }]);
    return view.byteLength;
  },
  "send, options a number": (Q) => Q.send(1, 5),
  "send, options text": (Q) => Q.send(1, "x"),
  "send a BigInt": (Q) => Q.send(10n),
  "send v8, a function": async (Q) => {
    try {
      await Q.send(() => 1, { contentType: "v8" });
    } catch (error) {
      return error.name;
    }
  },
  "send, delay out of 32 bits": (Q) => Q.send(1, { delaySeconds: 1e12 }),
  "send too long": (Q) => Q.send("x".repeat(128_000)),
  "sendBatch nothing": (Q) => Q.sendBatch(),
  "sendBatch empty": (Q) => Q.sendBatch([]),
  "sendBatch a string": (Q) => Q.sendBatch("abc"),
  "sendBatch a number": (Q) => Q.sendBatch(5),
  "sendBatch of numbers": (Q) => Q.sendBatch([5]),
  "sendBatch of null": (Q) => Q.sendBatch([null]),
  "sendBatch without body": (Q) => Q.sendBatch([{}]),
  "sendBatch, type in capitals": (Q) => Q.sendBatch([{ body: "a", contentType: "TEXT" }]),
  "sendBatch, options a number": (Q) => Q.sendBatch([{ body: 1 }], 5),
  "sendBatch too many": (Q) => Q.sendBatch(Array.from({ length: 101 }, () => ({ body: 1 }))),
  "sendBatch too long": (Q) =>
    Q.sendBatch(Array.from({ length: 3 }, () => ({ body: "x".repeat(100_000) }))),
  "sendBatch, one too long": (Q) => Q.sendBatch([{ body: "x".repeat(130_000) }]),
  "a detached method": (Q) => {
    const { send } = Q;
    return send(1);
  },
  "clone the binding": (Q) => structuredClone(Q),
  shape: (Q) => [
    type(Q),
    Object.keys(Q),
    Object.getOwnPropertyNames(Object.getPrototypeOf(Q)),
    String(Q),
    Q.send.length,
  ],
};

const ROUND_TRIPS = {
  "json by default": [{ a: [1, null, "x"] }],
  null: [null],
  "text in capitals": ["tÄxt", { contentType: "TEXT" }],
  bytes: [new Uint8Array([7, 8, 9]).subarray(1), { contentType: "bytes" }],
  v8: [new Map([["k", new Date(5)]]), { contentType: "v8" }],
};

async function outcome(run) {
  try {
    const value = await run();
    return { value: value === undefined ? "undefined" : value };
  } catch (error) {
    return { threw: `${type(error)}: ${error.message}` };
  }
}

export default {
  async fetch(_request, env) {
    const answers = {};
    for (const [name, probe] of Object.entries(PROBES)) {
      answers[name] = await outcome(() => probe(env.LEFT));
    }
    for (const [name, [body, options]] of Object.entries(ROUND_TRIPS)) {
      answers[`delivered: ${name}`] = await outcome(() => roundTrip(env.Q, body, options));
    }
    const { oldestMessageTimestamp: oldest, ...metrics } = await env.LEFT.metrics();
    answers.metrics = { value: [metrics, type(oldest)] };
    return Response.json(answers);
  },
  async queue(batch, _env, ctx) {
    for (const message of batch.messages) {
      const { body, id, timestamp, attempts } = message;
      const shown = body instanceof Map ? [...body].map(([k, v]) => [k, type(v)]) : bytes(body);
      delivered.set(id, {
        body: [type(body), shown],
        batch: [
          type(batch),
          Object.keys(batch),
          batch.queue,
          Object.prototype.toString.call(batch),
        ],
        message: [type(message), Object.keys(message), attempts, type(timestamp), id.length],
        metadata: Object.keys(batch.metadata.metrics),
        context: type(ctx),
        results: [message.ack(), batch.ackAll()].map(type),
        options: await outcome(() => message.retry(5)),
        all: await outcome(() => batch.retryAll({ delaySeconds: 1e12 })),
      });
    }
  },
};

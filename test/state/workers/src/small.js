/** Cases of spec/resources.md 10 and 12: rate limits, and the small bindings. */
import { outcomes, shown } from "./outcome.js";

const shapeOf = (binding) => ({
  name: binding.constructor.name,
  tag: Object.prototype.toString.call(binding),
  own: Reflect.ownKeys(binding).sort(),
  methods: Object.getOwnPropertyNames(Object.getPrototypeOf(binding))
    .filter((name) => binding.constructor !== Object || name === "constructor")
    .sort(),
});

export const cases = {
  shapes: (env) => {
    const names = ["LIMIT", "SECRET", "AE", "HD", "MYSQL", "PIPE", "VERSION"];
    return shown(Object.fromEntries(names.map((name) => [name, shapeOf(env[name])])));
  },

  "rate limits": async ({ LIMIT, MINUTE }) => {
    // Within one window: at its end the next one is waited for.
    const left = 10_000 - (Date.now() % 10_000);
    if (left < 3_000) await scheduler.wait(left + 10);
    return outcomes(
      () => LIMIT.limit({ key: "a" }),
      () => LIMIT.limit({ key: "a" }),
      () => LIMIT.limit({ key: "a" }),
      () => LIMIT.limit({ key: "b" }),
      () => LIMIT.limit({}),
      () => LIMIT.limit({ key: "" }),
      () => LIMIT.limit({ key: "" }),
      () => MINUTE.limit({ key: "a" }),
      () => LIMIT.limit({ key: "a", limit: 5 }),
      () => LIMIT.limit({ key: "a", period: 60 }),
      () => LIMIT.limit({ key: "d", delta: 2 }),
      () => LIMIT.limit({ key: "d" }),
      () => LIMIT.limit({ key: "e", delta: 9 }),
      () => LIMIT.limit({ key: "e", limit: 0 }),
      () => LIMIT.limit(),
      () => LIMIT.limit(null),
      () => LIMIT.limit(5),
      () => LIMIT.limit("x"),
      () => LIMIT.limit([]),
      () => LIMIT.limit({ foo: 1 }),
      () => LIMIT.limit({ foo: 1, bar: 2, key: "x" }),
      () => LIMIT.limit({ key: 5 }),
      () => LIMIT.limit({ key: null }),
      () => LIMIT.limit({ key: undefined, limit: undefined, period: undefined, delta: undefined }),
      () => LIMIT.limit({ key: "x", limit: "5" }),
      () => LIMIT.limit({ key: "x", period: "10" }),
      () => LIMIT.limit({ key: "x", period: 30 }),
      () => LIMIT.limit({ key: "x", limit: -1 }),
      () => LIMIT.limit({ key: "x", limit: 1.5 }),
      () => LIMIT.limit({ key: "x", delta: 0 }),
      () => LIMIT.limit({ key: "x", delta: -1 }),
      () => LIMIT.limit({ key: "x", delta: 1.5 }),
      () => LIMIT.limit({ key: "x", delta: "1" }),
      () => LIMIT.limit({ key: "x", delta: 2 ** 32 }),
      () => LIMIT.limit({ key: "x", delta: null }),
      () => LIMIT.limit({ key: "y".repeat(10_000) }),
    );
  },

  secrets: ({ SECRET, MISSING }) =>
    outcomes(
      () => SECRET.get(),
      () => MISSING.get(),
      () => SECRET.get("other"),
      () => SECRET.foo(),
    ),

  "Analytics Engine": ({ AE }) =>
    outcomes(
      () => AE.writeDataPoint({ blobs: ["a"], doubles: [1], indexes: ["i"] }),
      () => AE.writeDataPoint(),
      () => AE.writeDataPoint({}),
      () => AE.writeDataPoint(null),
      () => AE.writeDataPoint(5),
      () => AE.writeDataPoint({ blobs: "x", doubles: {}, indexes: 5 }),
      () => AE.writeDataPoint({ blobs: [null, new Uint8Array([1]).buffer], doubles: ["x"] }),
      () => AE.writeDataPoint({ indexes: ["a", "b"] }),
    ),

  Hyperdrive: ({ HD, MYSQL }) => {
    const look = (binding) => {
      const { host, ip, port, user, password, database, connectionString } = binding;
      return {
        host: /^[0-9a-f]{32}\.hyperdrive\.local$/.test(host),
        ip: /^240\.0\.\d+\.\d+$/.test(ip),
        port,
        user,
        password,
        database,
        connectionString: connectionString.replace(host, "HOST"),
        same: [binding.host === host, binding.ip === ip],
      };
    };
    return shown([look(HD), look(MYSQL), HD.host === MYSQL.host]);
  },

  pipelines: ({ PIPE }) =>
    outcomes(
      () => PIPE.send([{ a: 1 }]),
      () => PIPE.send([]),
      () => PIPE.send(),
      () => PIPE.send("x"),
    ),

  "version metadata": ({ VERSION }) => {
    const { id, tag, timestamp } = VERSION;
    return shown({
      id: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id),
      tag,
      timestamp: new Date(timestamp).toISOString() === timestamp,
      frozen: Object.isFrozen(VERSION),
    });
  },

  "off their objects": ({ LIMIT, AE, SECRET }) => {
    const { limit } = LIMIT;
    const { writeDataPoint } = AE;
    return outcomes(
      () => limit({ key: "off" }),
      () => writeDataPoint({}),
      () => structuredClone(LIMIT),
      () => structuredClone(AE),
      () => structuredClone(SECRET),
    );
  },
};

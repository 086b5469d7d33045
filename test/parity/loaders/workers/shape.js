/** What bindings, stubs and their classes look like, and what is said of wrong arguments. */
import { code, ECHO, echo, HELLO } from "./tools.js";

export const SHAPE = {
  "shape loader": ({ env }) => [
    env.LOADER.constructor.name,
    Object.keys(env.LOADER),
    String(env.LOADER),
    Object.getOwnPropertyNames(Object.getPrototypeOf(env.LOADER)),
    typeof globalThis.WorkerLoader,
  ],
  "shape stub": ({ env }) => {
    const s = env.LOADER.get(null, () => code(HELLO));
    return [
      s.constructor.name,
      Object.keys(s),
      String(s),
      Object.getOwnPropertyNames(Object.getPrototypeOf(s)),
      s.then === undefined,
    ];
  },
  "shape entrypoint": ({ env }) => {
    const s = env.LOADER.get(null, () => code(HELLO)).getEntrypoint();
    return [s.constructor.name, Object.keys(s), String(s), typeof s];
  },
  "shape class": ({ env }) => {
    const s = env.LOADER.get(null, () => code(HELLO)).getDurableObjectClass();
    return [
      s.constructor.name,
      Object.keys(s),
      String(s),
      typeof s,
      Object.getOwnPropertyNames(Object.getPrototypeOf(s)),
    ];
  },
  lengths: ({ env }) => [env.LOADER.get.length, env.LOADER.load.length],
  "get()": ({ env }) => env.LOADER.get(),
  "get(a)": ({ env }) => env.LOADER.get("a"),
  "get(a, 5)": ({ env }) => env.LOADER.get("a", 5),
  "get(5, f)": async ({ env }) =>
    (
      await env.LOADER.get(5, () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/1")
    ).text(),
  "get('5') is 5": async ({ env }) =>
    (
      await env.LOADER.get("5", () => {
        throw new Error("no");
      })
        .getEntrypoint()
        .fetch("http://x/1")
    ).text(),
  "get(undefined, f)": async ({ env }) => {
    let n = 0;
    const f = () => {
      n++;
      return code(HELLO);
    };
    for (let i = 0; i < 2; i++)
      await env.LOADER.get(undefined, f).getEntrypoint().fetch("http://x/1");
    return n;
  },
  "get(null, f)": async ({ env }) => {
    let n = 0;
    const f = () => {
      n++;
      return code(HELLO);
    };
    for (let i = 0; i < 2; i++) await env.LOADER.get(null, f).getEntrypoint().fetch("http://x/1");
    return n;
  },
  "get('', f)": async ({ env }) => {
    let n = 0;
    const f = () => {
      n++;
      return code(HELLO);
    };
    for (let i = 0; i < 2; i++) await env.LOADER.get("", f).getEntrypoint().fetch("http://x/1");
    return n;
  },
  "get(symbol)": ({ env }) => env.LOADER.get(Symbol("x"), () => code(HELLO)),
  "detached get": ({ env }) => {
    const { get } = env.LOADER;
    return get("a", () => 1);
  },
  "new WorkerLoader": ({ env }) => new env.LOADER.constructor(),
  "structuredClone loader": ({ env }) => structuredClone(env.LOADER),
  "structuredClone stub": ({ env }) => structuredClone(env.LOADER.load(code(HELLO))),
  "structuredClone entry": ({ env }) =>
    structuredClone(env.LOADER.load(code(HELLO)).getEntrypoint()),
  "rpc loader": ({ env }) => env.SELF.hi(env.LOADER),
  "rpc stub": ({ env }) => env.SELF.hi(env.LOADER.load(code(HELLO))),
  "rpc entry": ({ env }) => env.SELF.hi(env.LOADER.load(code(HELLO)).getEntrypoint()),
  "rpc class": ({ env }) => env.SELF.hi(env.LOADER.load(code(HELLO)).getDurableObjectClass()),
  "props entry": ({ env, ctx }) =>
    ctx.exports.Cap({ props: { e: env.LOADER.load(code(HELLO)).getEntrypoint() } }).say("x"),
  "getEntrypoint(null)": async ({ env }) => echo(env).getEntrypoint(null).show(),
  "getEntrypoint('default')": async ({ env }) => echo(env).getEntrypoint("default").show(),
  "getEntrypoint('')": async ({ env }) => echo(env).getEntrypoint("").show(),
  "getEntrypoint(5)": async ({ env }) => echo(env).getEntrypoint(5).show(),
  "getEntrypoint(Nope)": async ({ env }) => echo(env).getEntrypoint("Nope").show(),
  "getEntrypoint(Nope).fetch": async ({ env }) =>
    echo(env).getEntrypoint("Nope").fetch("http://x/"),
  "getEntrypoint(undef, 5)": async ({ env }) => echo(env).getEntrypoint(undefined, 5).show(),
  "getEntrypoint(undef, null)": async ({ env }) => echo(env).getEntrypoint(undefined, null).show(),
  "getEntrypoint props 5": async ({ env }) =>
    echo(env).getEntrypoint(undefined, { props: 5 }).show(),
  "getEntrypoint props fn": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { props: { f() {} } })
      .show(),
  "getEntrypoint props date": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { props: { d: new Date(0), m: new Map([[1, 2]]) } })
      .show(),
  "getEntrypoint props service": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { props: { s: env.SELF } })
      .show(),
  "getEntrypoint props class inst": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { props: { s: new (class A {})() } })
      .show(),
  "do class use": async ({ env }) => {
    const s = env.LOADER.load(code(ECHO)).getDurableObjectClass("Nope");
    return String(s);
  },
  "do class (5)": async ({ env }) => {
    const s = env.LOADER.load(code(ECHO)).getDurableObjectClass(5);
    return String(s);
  },
  "do class props 5": async ({ env }) => {
    const s = env.LOADER.load(code(ECHO)).getDurableObjectClass("A", { props: 5 });
    return String(s);
  },
  "weird entry names": async ({ env }) => {
    const r = [];
    for (const n of ["toString", "__proto__", "constructor"])
      try {
        r.push(await env.LOADER.load(code(HELLO)).getEntrypoint(n).fetch("http://x/"));
      } catch (e) {
        r.push(e.message);
      }
    return r;
  },
  "getEntrypoint options extra": async ({ env }) =>
    env.LOADER.load(code(ECHO)).getEntrypoint("Other", { props: null }).hi(),
  "getEntrypoint no args": async ({ env }) => env.LOADER.load(code(ECHO)).getEntrypoint().show(),
  "wrong this": ({ env }) => {
    const s = env.LOADER.load(code(HELLO));
    const { getEntrypoint } = s;
    return getEntrypoint();
  },
  "new WorkerStub": ({ env }) => new (env.LOADER.load(code(HELLO)).constructor)(),
  "new DOClass": ({ env }) =>
    new (env.LOADER.load(code(HELLO)).getDurableObjectClass().constructor)(),
};

/** What a code may consist of beside its modules. */
import { answerOf, code, DATE, echo, HELLO, M, sync } from "./tools.js";

export const CODE = {
  "load()": ({ env }) => env.LOADER.load(),
  "load(5)": ({ env }) => env.LOADER.load(5),
  "load({})": ({ env }) => env.LOADER.load({}),
  "load good": async ({ env }) =>
    (await env.LOADER.load(code(HELLO)).getEntrypoint().fetch("http://x/1")).text(),
  "load bad module": ({ env }) =>
    env.LOADER.load({ compatibilityDate: DATE, mainModule: "m.js", modules: { m: "x" } }),
  "load promise": ({ env }) => env.LOADER.load(Promise.resolve(code(HELLO))),
  "limits bad": async ({ env }) => echo(env).getEntrypoint(undefined, { limits: 5 }).show(),
  "limits ok": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { limits: { cpuMs: 10, subRequests: 1 } })
      .show(),
  "limits cpuMs str": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { limits: { cpuMs: "x" } })
      .show(),
  "limits negative": async ({ env }) =>
    echo(env)
      .getEntrypoint(undefined, { limits: { cpuMs: -1 } })
      .show(),
  "code limits ok": async ({ env }) =>
    echo(env, { limits: { cpuMs: 10, subRequests: 1 } })
      .getEntrypoint()
      .show(),
  "code limits 5": async ({ env }) => echo(env, { limits: 5 }).getEntrypoint().show(),
  "no default": async ({ env }) =>
    env.LOADER.load(code("export const x = {fetch() { return new Response('x') }}"))
      .getEntrypoint()
      .fetch("http://x/"),
  "no default rpc": async ({ env }) =>
    env.LOADER.load(code("export const x = {fetch() { return new Response('x') }}"))
      .getEntrypoint()
      .foo(),
  "no handlers": async ({ env }) =>
    env.LOADER.load(code("export default {}")).getEntrypoint().fetch("http://x/"),
  "no date": ({ env }) => answerOf(env, { mainModule: "m.js", modules: { "m.js": HELLO } }),
  "no main": ({ env }) => answerOf(env, { compatibilityDate: DATE, modules: { "m.js": HELLO } }),
  "no modules": ({ env }) => answerOf(env, { compatibilityDate: DATE, mainModule: "m.js" }),
  empty: ({ env }) => answerOf(env, {}),
  "date bad": ({ env }) => answerOf(env, M({ "m.js": HELLO }, { compatibilityDate: "zzz" })),
  "date empty": ({ env }) => answerOf(env, M({ "m.js": HELLO }, { compatibilityDate: "" })),
  "date future": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityDate: "2099-01-01" })),
  "date old": ({ env }) => answerOf(env, M({ "m.js": HELLO }, { compatibilityDate: "2020-01-01" })),
  "date invalid day": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityDate: "2025-02-31" })),
  "date number": ({ env }) => answerOf(env, M({ "m.js": HELLO }, { compatibilityDate: 5 })),
  "flag unknown": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: ["nope"] })),
  "flags two unknown": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: ["nope", "nope2"] })),
  "flag contradiction": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": HELLO }, { compatibilityFlags: ["nodejs_compat", "no_nodejs_compat"] }),
    ),
  "flag twice": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: ["nodejs_compat", "nodejs_compat"] })),
  "flags 5": ({ env }) => answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: 5 })),
  "flags str": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: "nodejs_compat" })),
  "flag experimental": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: ["experimental"] })),
  "flag experimental2": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { compatibilityFlags: ["service_binding_extra_handlers"] })),
  allowExperimental: ({ env }) => answerOf(env, M({ "m.js": HELLO }, { allowExperimental: true })),
  "allowExperimental false": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO }, { allowExperimental: false })),
  "tails 5": async ({ env }) => echo(env, { tails: 5 }).getEntrypoint().show(),
  "tails [5]": async ({ env }) =>
    echo(env, { tails: [5] })
      .getEntrypoint()
      .show(),
  streamingTails: async ({ env, ctx }) =>
    echo(env, { streamingTails: [ctx.exports.Tail] })
      .getEntrypoint()
      .show(),
  "date 1": async ({ env }) =>
    env.LOADER.get("date", () => M({ "m.js": HELLO }, { compatibilityDate: "zz" }))
      .getEntrypoint()
      .fetch("http://x/"),
  "date 2": async ({ env }) =>
    (
      await env.LOADER.get("date", () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "sync getEntrypoint props fn": ({ env }) =>
    sync(() => echo(env).getEntrypoint(undefined, { props: { f() {} } })),
  "sync getEntrypoint 5": ({ env }) => sync(() => echo(env).getEntrypoint(undefined, 5)),
  "sync load date bad": ({ env }) =>
    sync(() => env.LOADER.load(M({ "m.js": HELLO }, { compatibilityDate: "zz" }))),
  "sync load flag bad": ({ env }) =>
    sync(() => env.LOADER.load(M({ "m.js": HELLO }, { compatibilityFlags: ["zz"] }))),
  "sync load modules empty": ({ env }) => sync(() => env.LOADER.load(M({}))),
  "sync load experimental": ({ env }) =>
    sync(() => env.LOADER.load(M({ "m.js": HELLO }, { allowExperimental: true }))),
  "sync load env big": ({ env }) =>
    sync(() => env.LOADER.load(M({ "m.js": HELLO }, { env: { s: "x".repeat(1100000) } }))),
  "sync load main missing": ({ env }) => sync(() => env.LOADER.load(M({ "z.js": HELLO }))),
  "sync load py": ({ env }) =>
    sync(() => env.LOADER.load(M({ "m.js": HELLO, p: { py: "x = 1" } }))),
  "sync load module 5": ({ env }) => sync(() => env.LOADER.load(M({ "m.js": 5 }))),
  "sync load tails": ({ env }) => sync(() => env.LOADER.load(M({ "m.js": HELLO }, { tails: 5 }))),
  "sync load streaming": ({ env, ctx }) =>
    sync(() => env.LOADER.load(M({ "m.js": HELLO }, { streamingTails: [ctx.exports.Tail] }))),
  "code too big": ({ env }) =>
    sync(() => env.LOADER.load(M({ "m.js": `${HELLO}//${"x".repeat(65 * 1024 * 1024)}` }))),
  "limits keys": ({ env }) => sync(() => echo(env, { limits: { cpuMs: -1 } })),
  "limits float": ({ env }) => sync(() => echo(env, { limits: { cpuMs: 1.5 } })),
  "limits big": ({ env }) => sync(() => echo(env, { limits: { cpuMs: 1e12 } })),
  "limits sub": ({ env }) => sync(() => echo(env, { limits: { subRequests: "x" } })),
  "limits zero": ({ env }) =>
    echo(env, { limits: { cpuMs: 0, subRequests: 0 } })
      .getEntrypoint()
      .show(),
  "limits null": ({ env }) => echo(env, { limits: null }).getEntrypoint().show(),
  "limits str": ({ env }) => sync(() => echo(env, { limits: { cpuMs: "5" } })),
  "tails loopback unspec": ({ env, ctx }) => sync(() => echo(env, { tails: [ctx.exports.Tail] })),
  "tails dynamic": ({ env }) => sync(() => echo(env, { tails: [echo(env).getEntrypoint()] })),
};

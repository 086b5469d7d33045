/** When callbacks are called, and how long what they give lives. */
import { code, ECHO, fresh, HELLO } from "./tools.js";

const saved = {};

export const CALLBACKS = {
  "cb not called until used": async ({ env }) => {
    let n = 0;
    const s = env.LOADER.get(null, () => {
      n++;
      return code(HELLO);
    });
    await scheduler.wait(20);
    const a = n;
    const e = s.getEntrypoint();
    await scheduler.wait(20);
    const b = n;
    await e.fetch("http://x/");
    return [a, b, n];
  },
  "cb once per id": async ({ env }) => {
    let n = 0;
    const f = async () => {
      n++;
      await scheduler.wait(10);
      return code(ECHO);
    };
    const id = fresh();
    const a = env.LOADER.get(id, f).getEntrypoint();
    const b = env.LOADER.get(id, f).getEntrypoint();
    return [await Promise.all([a.count(), b.count()]), n];
  },
  "cb throws": async ({ env }) =>
    env.LOADER.get(null, () => {
      throw new RangeError("cb boom");
    })
      .getEntrypoint()
      .fetch("http://x/"),
  "cb rejects string": async ({ env }) =>
    env.LOADER.get(null, async () => {
      // biome-ignore lint/style/useThrowOnlyError: it is what is asked
      throw "str";
    })
      .getEntrypoint()
      .fetch("http://x/"),
  "cb throws rpc": async ({ env }) =>
    env.LOADER.get(null, () => {
      throw Object.assign(new RangeError("cb boom"), { extra: 1 });
    })
      .getEntrypoint()
      .foo(),
  "cb same error": async ({ env }) => {
    const e = new Error("me");
    try {
      await env.LOADER.get(null, () => {
        throw e;
      })
        .getEntrypoint()
        .foo();
    } catch (x) {
      return [x === e, x.remote];
    }
  },
  "cb undefined": async ({ env }) =>
    env.LOADER.get(null, () => undefined)
      .getEntrypoint()
      .fetch("http://x/"),
  "cb null": async ({ env }) =>
    env.LOADER.get(null, () => null)
      .getEntrypoint()
      .fetch("http://x/"),
  "cb 5": async ({ env }) =>
    env.LOADER.get(null, () => 5)
      .getEntrypoint()
      .fetch("http://x/"),
  "cb thenable": async ({ env }) =>
    (
      await env.LOADER.get(null, () => ({
        // biome-ignore lint/suspicious/noThenProperty: what is asked
        then(f) {
          f(code(HELLO));
        },
      }))
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "cb rejected twice same id": async ({ env }) => {
    let n = 0;
    const id = fresh();
    const f = () => {
      n++;
      if (n < 3) throw new Error(`n${n}`);
      return code(ECHO);
    };
    const out = [];
    for (let i = 0; i < 4; i++)
      try {
        out.push(await env.LOADER.get(id, f).getEntrypoint().count());
      } catch (e) {
        out.push(e.message);
      }
    return [out, n];
  },
  "cb rejected same stub": async ({ env }) => {
    let n = 0;
    const id = fresh();
    const f = () => {
      n++;
      if (n < 3) throw new Error(`n${n}`);
      return code(ECHO);
    };
    const out = [];
    const s = env.LOADER.get(id, f);
    for (let i = 0; i < 4; i++)
      try {
        out.push(await s.getEntrypoint().count());
      } catch (e) {
        out.push(e.message);
      }
    return [out, n];
  },
  "cb rejected same entry": async ({ env }) => {
    let n = 0;
    const id = fresh();
    const f = () => {
      n++;
      if (n < 3) throw new Error(`n${n}`);
      return code(ECHO);
    };
    const out = [];
    const s = env.LOADER.get(id, f).getEntrypoint();
    for (let i = 0; i < 4; i++)
      try {
        out.push(await s.count());
      } catch (e) {
        out.push(e.message);
      }
    return [out, n];
  },
  "kept over requests": async ({ env }) =>
    env.LOADER.get("kept", () => code(ECHO))
      .getEntrypoint()
      .count(),
  "kept over requests 2": async ({ env }) =>
    env.LOADER.get("kept", () => {
      throw new Error("again?");
    })
      .getEntrypoint()
      .count(),
  "other code, same id": async ({ env }) =>
    env.LOADER.get("kept", () => code(HELLO))
      .getEntrypoint()
      .count(),
  "cb fetches": async ({ env }) => {
    const r = await env.LOADER.get(null, async () =>
      code(
        `export default { fetch() { return new Response(${JSON.stringify(await env.SELF.hi("x"))}) } }`,
      ),
    )
      .getEntrypoint()
      .fetch("http://x/");
    return r.text();
  },
  "null: stub keeps isolate": async ({ env }) => {
    const s = env.LOADER.get(null, () => code(ECHO));
    return [await s.getEntrypoint().count(), await s.getEntrypoint().count()];
  },
  "cb sync": async ({ env }) => {
    let n = 0;
    env.LOADER.get(null, () => {
      n++;
      return code(HELLO);
    });
    const a = n;
    await null;
    const b = n;
    await scheduler.wait(1);
    return [a, b, n];
  },
  "cb sync with id": async ({ env }) => {
    let n = 0;
    env.LOADER.get(fresh(), () => {
      n++;
      return code(HELLO);
    });
    const a = n;
    await null;
    const b = n;
    await scheduler.wait(1);
    return [a, b, n];
  },
  "fails 1": async ({ env }) =>
    env.LOADER.get("fails", () => {
      throw new Error("first");
    })
      .getEntrypoint()
      .fetch("http://x/"),
  "fails 2 (other request)": async ({ env }) =>
    (
      await env.LOADER.get("fails", () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "fails 3": async ({ env }) =>
    (
      await env.LOADER.get("fails", () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "syn 1": async ({ env }) =>
    env.LOADER.get("syn", () => code("export default {"))
      .getEntrypoint()
      .fetch("http://x/"),
  "syn 2": async ({ env }) =>
    (
      await env.LOADER.get("syn", () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "save stub": ({ env }) => {
    saved.stub = env.LOADER.load(code(ECHO));
    saved.entry = saved.stub.getEntrypoint();
    saved.idstub = env.LOADER.get("savedid", () => code(ECHO));
    saved.identry = saved.idstub.getEntrypoint();
    return saved.entry.count().then(String);
  },
  "use saved stub": () => saved.stub.getEntrypoint().count(),
  "use saved entry": () => saved.entry.count(),
  "use saved id stub": () => saved.idstub.getEntrypoint().count(),
  "use saved id entry": () => saved.identry.count(),
  "pending from other request 1": ({ env }) => {
    saved.p = env.LOADER.get("slow", async () => {
      await scheduler.wait(300);
      return code(HELLO);
    })
      .getEntrypoint()
      .fetch("http://x/")
      .catch(() => {});
    return "left";
  },
  "pending from other request 2": async ({ env }) =>
    (
      await env.LOADER.get("slow", () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "pending 3": async ({ env }) => {
    await scheduler.wait(500);
    return (
      await env.LOADER.get("slow", () => code(HELLO))
        .getEntrypoint()
        .fetch("http://x/")
    ).text();
  },
  "get same id other binding": async ({ env }) => {
    await env.LOADER.get("both", () => code(ECHO))
      .getEntrypoint()
      .count();
    return env.LOADER2.get("both", () => code(ECHO))
      .getEntrypoint()
      .count();
  },
};

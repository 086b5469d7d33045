import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/*
 * What drover says about RPC beyond what production does: leaks, use after dispose, callees' errors,
 * unknown methods, limits. The Workers are TypeScript, so that every place is a source-mapped one.
 */

const web = `interface Env { AUTH: any }

async function leak(env: Env): Promise<number> {
  const counter = await env.AUTH.newCounter(5);
  return await counter.value;
}

const pages: Record<string, (env: Env) => Promise<unknown>> = {
  "/leak": leak,
  "/leak-result": async (env) => {
    const session = await env.AUTH.session();
    return session.name;
  },
  "/no-leak": async (env) => {
    using counter = await env.AUTH.newCounter(1);
    return await counter.value;
  },
  "/disposed": async (env) => {
    const counter = await env.AUTH.newCounter(1);
    counter[Symbol.dispose]();
    return await counter.value;
  },
  "/typo": (env) => env.AUTH.verfyToken("x"),
  "/fail": (env) => env.AUTH.verifyToken("bad"),
  "/many": async (env) => {
    for (let i = 0; i < 40; i++) await env.AUTH.verifyToken("good");
  },
  "/deep": (env) => env.AUTH.recurse(40),
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      const page = pages[new URL(request.url).pathname];
      return new Response(String(await page?.(env)));
    } catch (error) {
      const { name, message, stack } = error as Error;
      return Response.json({ name, message, stack }, { status: 500 });
    }
  },
};
`;

const auth = `import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Counter extends RpcTarget {
  get value(): number {
    return 1;
  }
}

export default class Auth extends WorkerEntrypoint<{ SELF: any }> {
  newCounter(): Counter {
    return new Counter();
  }

  session(): object {
    return { name: "s", [Symbol.dispose](): void {} };
  }

  verifyToken(token: string): string {
    if (token === "bad") throw new RangeError("the token is bad");
    return "user";
  }

  async recurse(n: number): Promise<number> {
    return n === 0 ? 0 : 1 + (await this.env.SELF.recurse(n - 1));
  }
}
`;

let project: TempProject;

beforeAll(async () => {
  const config = { compatibility_date: "2026-11-01", main: "index.ts" };
  const bound = (binding: string): object => ({ services: [{ binding, service: "auth" }] });
  project = await tempProject({
    "web/index.ts": web,
    "web/wrangler.jsonc": JSON.stringify({ ...config, name: "web", ...bound("AUTH") }),
    "auth/index.ts": auth,
    "auth/wrangler.jsonc": JSON.stringify({ ...config, name: "auth", ...bound("SELF") }),
  });
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

function start(...args: string[]): Promise<RunningDev> {
  const configs = [project.path("web/wrangler.jsonc"), project.path("auth/wrangler.jsonc")];
  return runDev(configs, { args: ["--no-registry", ...args] });
}

/** Line of the source in which `text` stands, as stacks count. */
function lineOf(source: string, text: string): number {
  return source.slice(0, source.indexOf(text)).split("\n").length;
}

describe("reports about RPC", () => {
  let dev: RunningDev;

  beforeAll(async () => {
    dev = await start();
  });

  afterAll(async () => {
    await dev[Symbol.asyncDispose]();
  });

  /** What is printed for one request, up to and with its request line and `said`, whichever comes first. */
  async function outputOf(path: string, said = ""): Promise<{ text: string; output: string }> {
    const before = dev.output.length;
    const text = await (await dev.fetch(path)).text();
    for (const part of [`GET ${path} `, said]) {
      await eventually(() => expect(dev.output.slice(before)).toContain(part));
    }
    return { text, output: dev.output.slice(before) };
  }

  test("a leaked stub is reported with the line that created it, its binding and the fix", async () => {
    dev.mark();
    expect(await (await dev.fetch("/leak")).text()).toBe("1");
    const [text] = await dev.waitForLine(/An RPC stub was not disposed: .*\n.*\n/);
    expect(text).toContain("newCounter() of env.AUTH");
    expect(text).toContain(`web/index.ts:${lineOf(web, "const counter = await env")}:`);
    expect(text).toContain("Declare it with `using`, or call its [Symbol.dispose]().");
  });

  test("a leaked result whose callee waits for its disposal is reported with its line", async () => {
    dev.mark();
    expect(await (await dev.fetch("/leak-result")).text()).toBe("s");
    const [text] = await dev.waitForLine(/An RPC stub was not disposed: .*/);
    expect(text).toContain("result of session() of env.AUTH");
    expect(text).toContain(`web/index.ts:${lineOf(web, "const session = await")}:`);
  });

  test("a stub that is disposed is not reported", async () => {
    const { text, output } = await outputOf("/no-leak");
    expect(text).toBe("1");
    expect(output).not.toContain("not disposed");
  });

  test("use after dispose names the disposing line in the log, not in the error", async () => {
    dev.mark();
    const error = (await (await dev.fetch("/disposed")).json()) as { message: string };
    expect(error.message).toBe("RPC stub used after being disposed.");
    const [text] = await dev.waitForLine(/An RPC stub was used after being disposed: .*/);
    expect(text).toContain("newCounter()");
    expect(text).toContain(`web/index.ts:${lineOf(web, "counter[Symbol.dispose]();")}:`);
  });

  test("an unknown method is answered in the log with the nearest name and all there are", async () => {
    dev.mark();
    const error = (await (await dev.fetch("/typo")).json()) as { message: string };
    expect(error.message).toBe('The RPC receiver does not implement the method "verfyToken".');
    const [text] = await dev.waitForLine(/\[auth\] .*has no method "verfyToken".*/);
    expect(text).toContain('Did you mean "verifyToken"?');
    expect(text).toContain("newCounter, session, verifyToken, recurse");
  });

  test("a callee's error is logged at the callee with its stack and the caller's request", async () => {
    dev.mark();
    const error = (await (await dev.fetch("/fail")).json()) as { message: string; stack: string };
    expect(error.message).toBe("the token is bad");
    expect(error.stack).not.toContain("auth/index.ts");
    expect(error.stack).toContain("web/index.ts");
    const [text] = await dev.waitForLine(/\[auth\] ✘ \[ERROR\] .*the token is bad.*\n.*/);
    expect(text).toContain("(called by web, GET /fail)");
    const line = lineOf(auth, "throw new RangeError");
    expect(text).toMatch(
      new RegExp(`\\[auth\\] +at Auth\\.verifyToken \\(.*auth/index\\.ts:${line}:`),
    );
  });

  test("too many invocations are one line per request, and the request goes on", async () => {
    const { text, output } = await outputOf(
      "/many",
      "Too many subrequests by single Worker invocation.",
    );
    expect(text).toBe("undefined");
    expect(output.match(/In production this request would fail/g)).toHaveLength(1);
  });

  test("a recursion that is too deep is one line for the whole request", async () => {
    const { text, output } = await outputOf("/deep", "Subrequest depth limit exceeded.");
    expect(text).toBe("40");
    expect(output.match(/In production this request would fail/g)).toHaveLength(1);
  });
});

test("--limits enforce fails requests with production's texts", async () => {
  await using dev = await start("--limits", "enforce");
  const many = (await (await dev.fetch("/many")).json()) as { name: string; message: string };
  expect(many).toMatchObject({
    name: "Error",
    message: "Too many subrequests by single Worker invocation.",
  });
  const deep = (await (await dev.fetch("/deep")).json()) as { name: string; message: string };
  expect(deep.message).toMatch(/^Subrequest depth limit exceeded\. This request recursed through/);
  expect(await (await dev.fetch("/no-leak")).text()).toBe("1");
});

test("--limits off says nothing", async () => {
  await using dev = await start("--limits", "off");
  expect(await (await dev.fetch("/many")).text()).toBe("undefined");
  expect(await (await dev.fetch("/deep")).text()).toBe("40");
  await dev.waitForLine(/GET \/deep /);
  expect(dev.output).not.toContain("In production");
});

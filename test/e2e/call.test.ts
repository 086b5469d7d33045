import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

const project = {
  "package-lock.json": "{}",
  "api/wrangler.json": config("api", {
    triggers: { crons: ["0 * * * *"] },
    d1_databases: [{ binding: "DB", database_id: "d" }],
  }),
  "api/src/index.ts": `
    import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
    class Users extends RpcTarget {
      find(id) { return { id, name: "Ada", tags: new Set(["a"]) }; }
    }
    interface Limit { readonly amount: number }
    export class Admin extends WorkerEntrypoint {
      setLimit(amount: number, options: object): Limit & object { return { amount, ...options }; }
      nothing() {}
      text() { return "line 1\\nline 2"; }
      get users() { return new Users(); }
      fail() { console.log("before"); throw new RangeError("too much"); }
      callback() { return () => 1; }
      database() { return this.env.DB; }
      stream() { return new Blob(["some ", "bytes"]).stream(); }
    }
    export default {
      greet(name: string) { return "hello " + name; },
      fetch() { return new Response("api"); },
      queue(batch) {
        console.log("batch", batch.queue, JSON.stringify(batch.messages.map(({ body, attempts }) => [body, attempts])));
        if (batch.queue === "bad") throw new Error("no");
        batch.messages[0].ack();
        batch.messages[1]?.retry({ delaySeconds: 5 });
      },
      scheduled(controller) {
        console.log("fires", controller.cron, controller.scheduledTime);
        if (controller.cron === "bad") throw new Error("no");
        if (controller.cron === "last") controller.noRetry();
      },
    };`,
  "auth/wrangler.json": config("auth"),
  "auth/src/index.ts": `
    import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      fetch() { return new Response("auth"); }
      whoami(...args) { return JSON.stringify(["auth", ...args]); }
      scheduled() { console.log("auth fires"); }
    }`,
};

test("drover call calls methods of Workers of running sessions, with RPC's rules", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(project);
  const call = (...args: string[]) =>
    runDrover(["call", ...args], { cwd: files.dir, env: home.env });

  expect(await call("api#Admin.nothing")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('Worker "api" not found'),
  });
  await using dev = await home.dev(["api/wrangler.json", "auth/wrangler.json"], {
    cwd: files.dir,
  });
  expect(await call("api#Admin.setLimit", "-1", '{"a":[2]}', "--json")).toMatchObject({
    code: 0,
    stdout: '{\n  "amount": -1,\n  "a": [\n    2\n  ]\n}\n',
    stderr: "",
  });
  expect((await call("api#Admin.setLimit", "3")).stdout).toBe("{ amount: 3 }\n");
  expect((await call("api#Admin.nothing")).stdout).toBe("undefined\n");
  expect((await call("api#Admin.nothing", "--json")).stdout).toBe("null\n");
  expect((await call("api#Admin.text")).stdout).toBe("line 1\nline 2\n");
  expect((await call("api#Admin.users.find", '"x"')).stdout).toBe(
    "{ id: 'x', name: 'Ada', tags: Set(1) { 'a' } }\n",
  );
  expect((await call("api#Admin.stream")).stdout).toBe("some bytes");
  expect((await call("api.greet", '"Ada"')).stdout).toBe("hello Ada\n");
  expect((await call("auth#default.whoami", "null", "true")).stdout).toBe('["auth",null,true]\n');

  const failed = await call("api#Admin.fail");
  expect(failed.code).toBe(1);
  expect(failed.stdout).toBe("");
  expect(failed.stderr).toMatch(
    /\[api\] .*RangeError: too much.*\n.*at Admin\.fail .*src\/index\.ts:12:\d+/,
  );
  expect(failed.stderr).toContain("✘ [ERROR] RangeError: too much");
  expect(failed.stderr).not.toContain("before");
  expect((await call("api#Admin.database")).stderr).toContain(
    "This is a binding of the Worker, which only Workers of its session can use.",
  );
  const unknown = await call("api#Admin.setLimmit");
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.stderr).toContain('Did you mean "setLimit"?');
  expect((await call("api#Admim.setLimit")).stderr).toContain(
    'does not export an entrypoint named "Admim"',
  );
  expect(await call("auth.whoami", "{}", "text")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Argument 2 is not JSON: text"),
  });
  for (const name of ["api", "api#", "#Admin.x", "api#Admin.", "api#Admin..x", "api#Ad-min.x"]) {
    expect([name, (await call(name)).code]).toEqual([name, 2]);
  }
  expect((await dev.stop()).code).toBe(0);
});

test("a command waits for a session that is starting, and for a Worker of it", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject({
    "package-lock.json": "{}",
    "api/wrangler.json": config("api", {
      build: { command: "node wait.mjs" },
      compatibility_flags: ["nodejs_compat"],
    }),
    "api/wait.mjs": `import { existsSync, watch } from "node:fs";
      const watcher = watch(".", () => existsSync("go") && watcher.close());`,
    "api/src/index.ts": `export default {
      greet: () => "hello",
      scheduled() {},
    };`,
  });
  const run = (...args: string[]) => runDrover(args, { cwd: files.dir, env: home.env });
  await using dev = await home.dev("api/wrangler.json", { cwd: files.dir, waitForReady: false });
  // Nobody has started a registry yet.
  await eventually(() => expect(home.files()).toEqual([expect.stringMatching(/^s-\d+-/)]));
  const called = run("call", "api.greet", "1");
  const triggered = run("trigger", "api", "scheduled");
  // What waits has the registry started, which knows the Worker as one that starts.
  await eventually(async () =>
    expect((await home.list()).workers).toMatchObject([{ name: "api", address: null }]),
  );
  // The session hears that it is known when others can read it already.
  await eventually(() => expect(home.files()).not.toContainEqual(expect.stringMatching(/^s-/)));
  // Nothing that could still come.
  expect(await run("call", "nobody.greet")).toMatchObject({ code: 5 });
  await files.write("api/go", "");
  expect(await called).toMatchObject({ code: 0, stdout: "hello\n" });
  expect(await triggered).toMatchObject({ code: 0, stdout: "api scheduled: ok\n" });
  expect((await dev.stop()).code).toBe(0);
});

test("drover trigger fires a cron trigger of a running Worker", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(project);
  const trigger = (...args: string[]) =>
    runDrover(["trigger", ...args], { cwd: files.dir, env: home.env });

  expect(await trigger("api", "scheduled")).toMatchObject({ code: 5 });
  await using dev = await home.dev(["api/wrangler.json", "auth/wrangler.json"], {
    cwd: files.dir,
  });
  expect(await trigger("api", "scheduled", "--cron", "0 * * * *", "--time", "5000")).toMatchObject({
    code: 0,
    stdout: "api scheduled: ok\n",
  });
  await dev.waitForLine(/fires 0 \* \* \* \* 5000/);
  expect(await trigger("api", "scheduled", "--cron=last", "--time=2024-01-01")).toMatchObject({
    code: 0,
    stdout: "api scheduled: ok, noRetry() was called\n",
  });
  await dev.waitForLine(/fires last 1704067200000/);
  expect(await trigger("api", "scheduled", "--cron", "bad")).toMatchObject({
    code: 1,
    stderr: "✘ [ERROR] api scheduled: exception\n",
  });
  expect(await trigger("auth", "scheduled")).toMatchObject({ code: 0 });
  await dev.waitForLine(/auth fires/);
  expect(await trigger("api", "scheduled", "--time", "soon")).toMatchObject({ code: 2 });
  expect(await trigger("api", "dance")).toMatchObject({ code: 2 });
  expect(await trigger("nobody", "scheduled")).toMatchObject({ code: 5 });
});

test("drover trigger hands a batch to a running Worker", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(project);
  const trigger = (...args: string[]) =>
    runDrover(["trigger", ...args], { cwd: files.dir, env: home.env });
  await using dev = await home.dev("api/wrangler.json", { cwd: files.dir });
  expect(await trigger("api", "queue", "orders", '{"id":1}', "2")).toMatchObject({
    code: 0,
    stdout: "api queue: ok, 1 acknowledged, 1 to be retried\n",
  });
  await dev.waitForLine(/batch orders \[\[\{"id":1\},1\],\[2,1\]\]/);
  expect(await trigger("api", "queue", "bad", "1")).toMatchObject({
    code: 1,
    stderr: "✘ [ERROR] api queue: exception\n",
  });
  for (const args of [
    ["queue"],
    ["queue", "orders"],
    ["queue", "orders", "x"],
    ["scheduled", "x"],
  ]) {
    expect([args, (await trigger("api", ...args)).code]).toEqual([args, 2]);
  }
  const url = `http://127.0.0.1:${dev.port}/cdn-cgi/drover/queue?queue=a`;
  const post = async (body: string, headers = {}) => {
    const response = await fetch(url, { method: "POST", body, headers });
    return [response.status, await response.text()];
  };
  expect((await fetch(url)).status).toBe(405);
  expect(await post("[", {})).toMatchObject([400, expect.stringContaining("JSON")]);
  expect(await post('[{"id":1,"body":2}]')).toMatchObject([400, expect.any(String)]);
  expect(await post("[]", { origin: "https://evil.com" })).toEqual([403, "Invalid Origin header"]);
});

test("drover trigger hands a message to a running Worker", async () => {
  await using home = new RegistryHome();
  const mail = (subject: string): string =>
    [
      "From: a@x.test",
      "To: b@y.test",
      `Subject: ${subject}`,
      "Message-ID: <1@x.test>",
      "",
      "Grüße",
    ].join("\r\n");
  await using files = await tempProject({
    "api/wrangler.json": config("api"),
    "api/src/index.ts": `export default { async email(message, env, ctx) {
      console.log("mail", message.from, message.to, message.headers.get("subject"), message.rawSize);
      const subject = message.headers.get("subject");
      if (subject === "no") message.setReject("not today");
      else if (subject === "on") await message.forward("c@z.test");
      else if (subject === "bad") throw new Error("boom");
    } };`,
    "deaf/wrangler.json": config("deaf"),
    "deaf/src/index.ts": "export default {};",
    "hi.eml": mail("hi"),
    "no.eml": mail("no"),
    "on.eml": mail("on"),
    "bad.eml": mail("bad"),
    "none.eml": "no message",
  });
  const trigger = (worker: string, ...args: string[]) =>
    runDrover(["trigger", worker, "email", ...args], { cwd: files.dir, env: home.env });
  const send = (worker: string, file: string) =>
    trigger(worker, "--from", "a@x.test", "--to", "b@y.test", "--raw", file);
  const configs = ["api/wrangler.json", "deaf/wrangler.json"];
  await using dev = await home.dev(configs, { cwd: files.dir });
  expect(await send("api", "hi.eml")).toMatchObject({ code: 0, stdout: "api email: ok\n" });
  const size = Buffer.byteLength(mail("hi"));
  await dev.waitForLine(new RegExp(`mail a@x.test b@y.test hi ${size}`));
  expect(await send("api", "no.eml")).toMatchObject({
    code: 0,
    stdout: "api email: ok, rejected: not today\n",
  });
  expect(await send("api", "on.eml")).toMatchObject({
    code: 0,
    stdout: "api email: ok, forwarded to c@z.test\n",
  });
  for (const [worker, file, text] of [
    ["api", "bad.eml", "api email: exception"],
    ["deaf", "hi.eml", "deaf email: the Worker does not export an email() handler"],
    ["api", "none.eml", "Email could not be parsed: invalid or no message id provided"],
  ] as const) {
    expect(await send(worker, file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(text),
    });
  }
  expect(await send("api", "missing.eml")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'Expected --raw to be a file with a message but got "missing.eml"',
    ),
  });
  expect(await trigger("api", "--from", "a@x.test")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("A mail has --from, --to and --raw."),
  });
});

import { existsSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { request } from "node:http";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import recorded from "../parity/mail/answers.json" with { type: "json" };
import { play } from "../parity/mail/exchanges.js";
import { config } from "./workers.ts";

const PATH = "/cdn-cgi/local/email?from=you@sender.test&to=me@example.com";
const MAIL = [
  "From: you@sender.test",
  "To: me@example.com",
  "Subject: Hi",
  "Message-ID: <in@sender.test>",
  "",
  "Grüße",
  "",
].join("\r\n");

const post = async (dev: RunningDev, body = MAIL, path = PATH): Promise<[number, string]> => {
  const response = await dev.fetch(path, { method: "POST", body });
  return [response.status, await response.text()];
};

/* There, an own TypeError of wrangler's code shows; here it is what the same fault says elsewhere. */
const CLEARER = {
  "send, no From": { threw: "Error: From: header does not match mail from" },
  "send, empty": { threw: "Error: invalid message-id" },
} as const;

test("mail answers every probe and every post as the real runtime", async () => {
  await using project = await tempProject();
  await cp(resolve(import.meta.dirname, "../parity/mail/workers"), project.dir, {
    recursive: true,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const answers = await play((path, init) => dev.fetch(path, init));
  expect(Object.keys(answers.binding as object).length).toBeGreaterThan(40);
  expect(answers).toEqual({
    ...recorded,
    binding: { ...recorded.binding, ...CLEARER },
    "no body": recorded["no from"],
    "no From header": recorded.nothing,
  });
});

test("what is sent, forwarded and replied is said, written to files, and gone with the session", async () => {
  await using project = await tempProject({
    "wrangler.json": config("post", { send_email: [{ name: "MAIL" }] }),
    "src/index.ts": `
      import { EmailMessage } from "cloudflare:email";
      export default {
        async fetch(request, env) {
          await env.MAIL.send({ from: "a/../b@x.test", to: [{ name: "A", email: "a@x.test" }], subject: "s", text: "täxt" });
          return Response.json(await env.MAIL.send(new EmailMessage("a@x.test", "b@x.test", request.body)));
        },
        async email(message, env, ctx) {
          await message.forward("c@x.test", new Headers({ "X-A": "1" }));
          await message.reply({ from: message.to, to: message.from, subject: "Re", text: "t" });
          ctx.waitUntil(scheduler.wait(5).then(() => message.setReject("late")));
        },
      };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const body = "From: a@x.test\r\nMESSAGE-ID: <1@x>\r\nTo: b@x.test\r\n\r\nGrüße\r\n";
  const sent = await dev.fetch("/", { method: "POST", body });
  const { messageId } = (await sent.json()) as { messageId: string };
  await dev.waitForLine(/^send_email binding called with MessageBuilder:$/m);
  await dev.waitForLine(/^To: "A" <a@x\.test>$/m);
  const [, text = ""] = await dev.waitForLine(/^Text: (.*)$/m);
  expect(await readFile(text, "utf8")).toBe("täxt");
  await dev.waitForLine(/^send_email binding called with the following message:$/m);
  const [, path = ""] = await dev.waitForLine(/^Email: (.*)$/m);
  expect(path.startsWith(project.path(".wrangler/tmp/email/"))).toBe(true);
  expect(path.endsWith(`/email/${messageId.slice(1, -1)}.eml`)).toBe(true);
  expect(await readFile(path, "utf8")).toBe(body.replace("<1@x>", messageId));

  expect(await post(dev)).toEqual([400, "Worker rejected email with the following reason: late"]);
  await dev.waitForLine(/^Email handler forwarded message with$/m);
  await dev.waitForLine(/^ {4}x-a: 1$/m);
  await dev.waitForLine(/^Email handler replied to sender with the following message:$/m);
  const [, reply = ""] = await dev.waitForLine(/^ {2}(\/.*\/reply\/.*\.eml)$/m);
  expect(await readFile(reply, "utf8")).toMatch(
    /^From: me@example\.com\r\nTo: you@sender\.test\r\nSubject: Re\r\n[\s\S]*In-Reply-To: <in@sender\.test>\r\n/,
  );
  await dev.waitForLine(/Email handler rejected message with the following reason: "late"/);
  await dev.stop();
  expect(existsSync(dirname(dirname(path)))).toBe(false);
});

test("a Worker without handler, and one that is a class", async () => {
  await using project = await tempProject({
    "without.json": config("without", {}),
    "class.json": config("class", { main: "src/class.ts" }),
    "src/index.ts": "export default { fetch() { return new Response() } };",
    "src/class.ts": `
      import { WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint {
        async email(message) {
          console.log("got", message.from, message.rawSize, await new Response(message.raw).text());
          throw new RangeError("too far");
        }
      }`,
  });
  await using dev = await runDev(["without.json", "class.json"], { cwd: project.dir });
  expect(await post(dev)).toEqual([
    500,
    "Worker does not export an email() handler; message stored without delivery.",
  ]);
  const [status, text] = await post(dev, MAIL, `${PATH}&format=json`);
  expect([status, JSON.parse(text)]).toMatchObject([
    500,
    { outcome: "exception", forwards: [], replies: [], events: [{ type: "unhandled" }] },
  ]);
  const response = await dev.fetch(PATH, { method: "POST", body: MAIL, worker: "class" });
  expect(response.status).toBe(500);
  expect(await response.text()).toMatch(/^RangeError: too far\n\s+at .*src\/class\.ts:6/);
  await dev.waitForLine(/got you@sender\.test \d+ From: you@sender\.test/);
  await dev.waitForLine(/Uncaught RangeError: too far/);
});

test("clients that wait for 100-continue, and pages of other sites", async () => {
  await using project = await tempProject({
    "wrangler.json": config("post", {}),
    "src/index.ts": "export default { email() {} };",
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const status = await new Promise<number | undefined>((done, fail) => {
    const asking = request(new URL(PATH, dev.url), {
      method: "POST",
      headers: { expect: "100-continue" },
    });
    asking.on("continue", () => asking.end(MAIL));
    asking.on("response", (answer) => done(answer.resume().statusCode));
    asking.on("error", fail);
    asking.flushHeaders();
  });
  expect(status).toBe(200);
  const foreign = await dev.fetch(PATH, {
    method: "POST",
    body: MAIL,
    headers: { origin: "https://evil.example" },
  });
  expect(foreign.status).toBe(403);
});

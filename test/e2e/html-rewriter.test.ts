import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/** Each document that a handler keeps waiting has a stack of 256 KB in the parser, which has 4 GB at most. */
const DOCUMENTS = 500;
const REQUESTS = 36;

const WORKER = `
let requests = 0;
const never = new Promise(() => {});
export default {
  async fetch(request) {
    requests += 1;
    const { pathname } = new URL(request.url);
    if (pathname === "/leave") {
      for (let i = 0; i < ${DOCUMENTS}; i++) {
        const streams = i % 2 === 0;
        new HTMLRewriter()
          .on("p", { element: (p) => { if (streams) p.append(new ReadableStream()); else return never; } })
          .transform(new Response("<p>text</p>"));
      }
      await scheduler.wait(1);
      return new Response("left");
    }
    const page = new HTMLRewriter().on("p", { async element(p) { await scheduler.wait(1); p.append(requests); } });
    return page.transform(new Response("<p></p>"));
  },
};`;

test("a document whose handler never settles ends with its invocation", {
  timeout: 120_000,
}, async () => {
  await using project = await tempProject({
    "wrangler.json": config("pages", { main: "src/index.js" }),
    "src/index.js": WORKER,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  for (let i = 0; i < REQUESTS; i++) expect(await (await dev.fetch("/leave")).text()).toBe("left");
  // The same thread all the time.
  expect(await (await dev.fetch("/")).text()).toBe(`<p>${REQUESTS + 1}</p>`);
  expect(dev.output).not.toMatch(/ERROR|WARNING/);
});

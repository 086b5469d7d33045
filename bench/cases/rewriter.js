import { createRequire } from "node:module";
import { startDev } from "../lib/dev-server.js";
import { copyProject } from "../lib/project.js";
import { perRound } from "../lib/stats.js";

export const title = "HTMLRewriter, pages of 1 MB";

const ROUNDS = 40;
const ROWS = {
  through: "a page that no handler touches",
  links: "2 of 7 elements get an attribute",
  texts: "a handler for all text",
};

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  try {
    const rows = [];
    for (const [name, what] of Object.entries(ROWS)) {
      const perPage = await perRound(async (n) => {
        const response = await fetch(`${server.url}/rewriter/${name}?n=${n}`);
        const text = await response.text();
        if (text !== "done") throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`);
      }, ROUNDS);
      rows.push({ what, unit: "MB/s", value: 1000 / perPage });
    }
    return rows;
  } finally {
    await server.stop();
    project.remove();
  }
}

/** The parser alone, which drover's stands on: no Worker, no streams. */
export async function baseline() {
  const { HTMLRewriter } = createRequire(import.meta.url)("html-rewriter-wasm");
  const page = new TextEncoder().encode("<p>Some <em>text</em> of a page.</p>\n".repeat(28_340));
  const perPage = await perRound(async (n) => {
    for (let i = 0; i < n; i++) {
      const rewriter = new HTMLRewriter(() => {}).on("nothing", { element() {} });
      for (let at = 0; at < page.byteLength; at += 65_536) {
        await rewriter.write(page.subarray(at, at + 65_536));
      }
      await rewriter.end();
      rewriter.free();
    }
  }, ROUNDS);
  return { what: "the parser alone", unit: "MB/s", value: 1000 / perPage };
}

import { describe, expect, test } from "vitest";
import { parseBasePath } from "../../../src/assets/base-path.ts";
import { contentTypeOf } from "../../../src/assets/content-type.ts";
import { parseHeaders } from "../../../src/assets/headers-file.ts";
import { compileIgnoreRules } from "../../../src/assets/ignore-rules.ts";
import { parseRedirects } from "../../../src/assets/redirects-file.ts";
import { routeRequest } from "../../../src/assets/router.ts";
import { type AssetSite, createSite } from "../../../src/assets/site.ts";
import type { AssetsConfig, HtmlHandling, NotFoundHandling } from "../../../src/protocol/assets.ts";
import recorded from "../../parity/assets/answers.json" with { type: "json" };
import { type Project, projects } from "../../parity/assets/cases.js";

/*
 * What wrangler answered to test/parity/assets/cases.js, held against the decisions alone. Whole
 * answers are compared by test/e2e/assets-parity.test.ts.
 */
type Answer = readonly [status: string, headers: Readonly<Record<string, string>>, body: string];
const answers = recorded as unknown as Readonly<Record<string, Readonly<Record<string, Answer>>>>;

/** What the Workers of these projects answer does not say that they did. */
const WORKERS_DECIDE = new Set(["binding", "router", "images", "react"]);

describe.each(projects.filter(({ name }) => !WORKERS_DECIDE.has(name)))("$name", (project) => {
  const site = siteOf(project);
  test.each(project.requests.map((sent) => ({ sent })))("$sent", ({ sent }) => {
    const [method, path, headers = {}] = sent;
    const shown = Object.entries(headers).map(([name, value]) => ` ${name}: ${value}`);
    const answer = answers[project.name]?.[`${method} ${path}${shown.join("")}`];
    if (answer === undefined) throw new Error("not recorded");
    // Decided where there are bytes: tags, encodings.
    if (/^304|^415/.test(answer[0])) return;
    const url = new URL(`http://${headers.host ?? "127.0.0.1"}${path}`);
    const at = { pathname: url.pathname, hostname: url.hostname };
    const request = { ...at, method, url };
    const outcome = routeRequest(site, request, headers["sec-fetch-mode"] === "navigate");
    const added = new Map<string, string>();
    if (outcome.type === "worker") {
      expect(answer[1]["x-worker"]).toBe("yes");
      return;
    }
    expect(answer[1]["x-worker"]).toBeUndefined();
    if (outcome.type !== "nothing" || !outcome.outside) site.applyHeaders(at, added);
    for (const [name, value] of added) expect([name, answer[1][name]]).toEqual([name, value]);
    const status = outcome.type === "nothing" ? 404 : outcome.status;
    expect(Number.parseInt(answer[0], 10)).toBe(status);
    expect(answer[1].location).toBe(outcome.type === "redirect" ? outcome.location : undefined);
    if (outcome.type === "file") {
      if (method === "GET" && answer[2].length < 400 && !answer[2].includes("...")) {
        expect(answer[2]).toBe(project.files[outcome.path.slice(1)]);
      }
      const type = added.get("content-type") ?? site.files.get(outcome.path);
      expect(answer[1]["content-type"] ?? "").toBe(type);
    }
  });
});

function siteOf(project: Project): AssetSite {
  const { assets, files, main, date = "2026-01-01", flags = [] } = project;
  const htmlHandling = (assets.html_handling ?? "auto-trailing-slash") as HtmlHandling;
  const base = parseBasePath(assets.base_path ?? "/");
  if ("problem" in base) throw new Error(base.problem);
  const config: AssetsConfig = {
    directory: "/",
    binding: undefined,
    htmlHandling,
    notFoundHandling: (assets.not_found_handling ?? "none") as NotFoundHandling,
    runWorkerFirst: (assets.run_worker_first ?? false) as boolean | string[],
    basePath: base.path,
    hasWorker: main !== undefined,
    navigationPrefersAssets:
      flags.includes("assets_navigation_prefers_asset_serving") ||
      (date >= "2025-04-01" && !flags.includes("assets_navigation_has_no_effect")),
  };
  const rules = compileIgnoreRules(files[".assetsignore"] ?? "");
  const folders = (path: string) =>
    path
      .split("/")
      .map((_part, index, parts) => `${parts.slice(0, index).join("/")}/`)
      .slice(1);
  const kept = Object.keys(files).filter(
    (path) => !rules.isIgnored(path) && !folders(path).some((folder) => rules.isIgnored(folder)),
  );
  return createSite(config, {
    files: kept.map((path) => [`/${path}`, contentTypeOf(path)] as const),
    headers: parseHeaders(files._headers ?? "").rules,
    redirects: parseRedirects(files._redirects ?? "", htmlHandling).rules,
  });
}

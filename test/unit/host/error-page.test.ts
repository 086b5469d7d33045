import { expect, test } from "vitest";
import { type ErrorReport, renderErrorPage } from "../../../src/host/error-page.ts";

const report: ErrorReport = {
  status: 500,
  title: "Uncaught exception",
  message: `bad <script>"x"</script>`,
  details: `TypeError: bad <script>"x"</script>\n    at f (src/a.ts:1:2)`,
  name: "TypeError",
  worker: "api",
  method: "GET",
  url: "http://localhost/?<q>",
};

test("gives browsers a page with everything escaped and nothing to load", () => {
  const { headers, body } = renderErrorPage(report, {
    accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  });
  expect(headers["content-type"]).toBe("text/html;charset=utf-8");
  expect(body).toContain("at f (src/a.ts:1:2)");
  expect(body).toContain("?&#60;q&#62;");
  expect(body).not.toMatch(/<script|src=|href=|@import/);
  expect(body).toContain("prefers-color-scheme:dark");
});

test("gives others the stack as text, with the message only once", () => {
  const { headers, body } = renderErrorPage(report, {});
  expect(headers["content-type"]).toBe("text/plain;charset=UTF-8");
  expect(body).toBe(report.details);
});

test("puts the message before details that do not contain it", () => {
  const unbuilt = { ...report, name: "", details: "frame", message: "no build" };
  const { body } = renderErrorPage(unbuilt, {});
  expect(body).toBe("no build\nframe\n");
});

/** As wrangler 4.164 chooses. */
test.each<[string | undefined, string | undefined, boolean]>([
  ["*/*", "Mozilla/5.0", true],
  ["*/*", undefined, true],
  [undefined, "Mozilla/5.0", false],
  ["text/*", "Mozilla/5.0", true],
  ["TEXT/HTML", "Mozilla/5.0", true],
  ["text/html;q=0", "Mozilla/5.0", true],
  ["application/json, */*;q=0.1", "Mozilla/5.0", true],
  ["application/json", "Mozilla/5.0", false],
  ["text/plain", "Mozilla/5.0", false],
  ["image/png", "Mozilla/5.0", false],
  ["text/html", "curl/8", false],
  ["text/html", "x CURL/ y", false],
  ["text/html", "libcurl", true],
])("Accept %s from %s is answered with HTML: %s", (accept, agent, isHtml) => {
  const request = {
    ...(accept === undefined ? {} : { accept }),
    ...(agent === undefined ? {} : { "user-agent": agent }),
  };
  const { headers } = renderErrorPage(report, request);
  expect(headers["content-type"]).toBe(
    isHtml ? "text/html;charset=utf-8" : "text/plain;charset=UTF-8",
  );
});

test("lists links as text and as HTML", () => {
  const links = [["api", "http://api.localhost/"]] as const;
  const listed: ErrorReport = {
    ...report,
    name: "",
    details: "",
    message: "none",
    links,
    retryAfter: 1,
  };
  const text = renderErrorPage(listed, {});
  expect(text.body).toBe("none\n  api  http://api.localhost/\n");
  expect(text.headers["retry-after"]).toBe("1");
  const html = renderErrorPage(listed, { accept: "text/html" });
  expect(html.body).toContain('<a href="http://api.localhost/">api</a>');
});

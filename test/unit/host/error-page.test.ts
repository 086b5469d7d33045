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
  const { headers, body } = renderErrorPage(report, "text/html,application/xhtml+xml,*/*;q=0.8");
  expect(headers["content-type"]).toBe("text/html;charset=utf-8");
  expect(body).toContain("at f (src/a.ts:1:2)");
  expect(body).toContain("?&#60;q&#62;");
  expect(body).not.toMatch(/<script|src=|href=|@import/);
  expect(body).toContain("prefers-color-scheme:dark");
});

test("gives others the stack as text, with the message only once", () => {
  const { headers, body } = renderErrorPage(report, undefined);
  expect(headers["content-type"]).toBe("text/plain;charset=utf-8");
  expect(body).toBe(`${report.details}\n`);
});

test("puts the message before details that do not contain it", () => {
  const { body } = renderErrorPage({ ...report, details: "frame", message: "no build" }, "*/*");
  expect(body).toBe("no build\nframe\n");
});

test.each(["application/json", "application/problem+json, */*"])("gives %s JSON", (accept) => {
  const { headers, body } = renderErrorPage(report, accept);
  expect(headers["content-type"]).toBe("application/json;charset=utf-8");
  expect(JSON.parse(body)).toEqual({
    error: { name: "TypeError", message: report.message, stack: report.details, worker: "api" },
  });
});

test("lists links as text and as HTML", () => {
  const links = [["api", "http://api.localhost/"]] as const;
  const listed: ErrorReport = { ...report, details: "", message: "none", links, retryAfter: 1 };
  const text = renderErrorPage(listed, undefined);
  expect(text.body).toBe("none\n  api  http://api.localhost/\n");
  expect(text.headers["retry-after"]).toBe("1");
  const html = renderErrorPage(listed, "text/html");
  expect(html.body).toContain('<a href="http://api.localhost/">api</a>');
});

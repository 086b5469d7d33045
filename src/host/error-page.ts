/**
 * What a client gets when drover itself has to answer: an uncaught exception, a failed build, a
 * crashed Worker, an unknown name. HTML or text, as wrangler 4.164 chooses (spec/wrangler.md
 * 1.7). Pages are self-contained: no script, nothing fetched.
 */
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import {
  ERROR_ANSWER_TYPE,
  type ErrorAnswer,
  WANTS_ERRORS_HEADER,
} from "../protocol/error-answer.ts";

export interface ErrorReport {
  readonly status: number;
  /** Headline: what happened, without the details. */
  readonly title: string;
  readonly message: string;
  /** Stack, build output or list; shown preformatted. */
  readonly details: string;
  /** `TypeError` and the like; "" where no exception is behind it. */
  readonly name: string;
  readonly worker: string;
  readonly method: string;
  readonly url: string;
  /** Links below the details: label and address. */
  readonly links?: readonly (readonly [label: string, url: string])[];
  /** Seconds for Retry-After, where trying again makes sense. */
  readonly retryAfter?: number;
}

export interface ErrorPage {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** Renders `report` in the form that the request asks for. */
export function renderErrorPage(report: ErrorReport, request: IncomingHttpHeaders): ErrorPage {
  const headers: OutgoingHttpHeaders = { "cache-control": "no-store" };
  if (report.retryAfter !== undefined) headers["retry-after"] = String(report.retryAfter);
  if (request[WANTS_ERRORS_HEADER] !== undefined) {
    const { name, message, details: stack } = report;
    headers["content-type"] = ERROR_ANSWER_TYPE;
    return { headers, body: JSON.stringify({ name, message, stack } satisfies ErrorAnswer) };
  }
  if (wantsHtml(request)) {
    headers["content-type"] = "text/html;charset=utf-8";
    return { headers, body: renderHtml(report) };
  }
  headers["content-type"] = "text/plain;charset=UTF-8";
  return { headers, body: renderText(report) };
}

/** Answers with it, whole. `closes`: the connection is of no use after that. */
export function writeErrorPage(
  response: ServerResponse,
  request: IncomingMessage,
  report: ErrorReport,
  closes: boolean,
): void {
  const { status, name } = report;
  const { headers, body } = renderErrorPage(report, request.headers);
  const bytes = Buffer.from(body);
  // As production words what was thrown; the log names the status all the same.
  const reason = name === "" ? STATUS_CODES[status] : "";
  response.writeHead(status, reason, {
    ...headers,
    ...(closes && { connection: "close" }),
    "content-length": bytes.byteLength,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** curl takes anything, and shows it in a terminal. */
function wantsHtml({ accept = "", "user-agent": agent = "" }: IncomingHttpHeaders): boolean {
  return /text\/html|text\/\*|\*\/\*/i.test(accept) && !/curl\//i.test(agent);
}

function renderText(report: ErrorReport): string {
  const links = (report.links ?? []).map(([label, url]) => `  ${label}  ${url}`);
  const body = report.details === "" ? [report.message] : [report.details];
  // A stack begins with its message; build output and lists do not.
  if (report.details !== "" && !report.details.includes(report.message)) {
    body.unshift(report.message);
  }
  // What was thrown is production's text to the byte; the rest is for a terminal.
  return [...body, ...links].join("\n") + (report.name === "" ? "\n" : "");
}

function renderHtml(report: ErrorReport): string {
  const heading = report.name === "" ? report.title : report.name;
  const details = report.details === "" ? "" : `<pre>${escapeHtml(report.details)}</pre>`;
  const links = (report.links ?? [])
    .map(([label, url]) => `<li><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></li>`)
    .join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${heading}: ${report.message}`.slice(0, 120))}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="kind">${escapeHtml(report.title)}</p>
<h1>${escapeHtml(heading)}</h1>
<p class="message">${escapeHtml(report.message)}</p>
${details}${links === "" ? "" : `<ul>${links}</ul>`}
<dl>
<dt>Worker</dt><dd>${escapeHtml(report.worker)}</dd>
<dt>Request</dt><dd>${escapeHtml(report.method)} ${escapeHtml(report.url)}</dd>
<dt>Status</dt><dd>${report.status}</dd>
</dl>
</main>
</body>
</html>
`;
}

/** Safe in text and in double-quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--back:#fff;--ink:#1c1c22;--soft:#63636e;--box:#f4f4f6;--mark:#c2311f}
@media(prefers-color-scheme:dark){:root{--back:#17171b;--ink:#ececf1;--soft:#9b9ba8;--box:#222228;--mark:#ff7a66}}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:3rem 1.5rem}
.kind{margin:0;color:var(--soft);font-size:.875rem}
h1{margin:.25rem 0;color:var(--mark);font-size:1.5rem}
.message{margin:0 0 1.5rem;font-size:1.125rem;white-space:pre-wrap;overflow-wrap:anywhere}
pre{margin:0 0 1.5rem;padding:1rem;overflow-x:auto;background:var(--box);border-radius:.5rem;font:13px/1.6 ui-monospace,monospace}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0;font-size:.875rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}a{color:inherit}
`;

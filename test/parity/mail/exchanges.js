/** Messages for the endpoint of `email()` handlers, by name, and how answers are compared. */

const PLAIN = { From: "you@sender.test", Subject: "Hi", "Message-ID": "<in@example.com>" };

export const mailOf = (to, headers = {}, body = "Hello\r\n") => {
  const all = Object.entries({ ...PLAIN, To: to, ...headers }).filter(
    ([, value]) => value !== null,
  );
  return `${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
};

const to = (name, headers = {}, more = "") => {
  const address = `${name}@example.com`;
  return {
    query: `?from=you@sender.test&to=${address}${more}`,
    body: mailOf(address, headers),
  };
};

const HANDLERS = [
  "look",
  "nothing",
  "reject",
  "reject-empty",
  "reject-late",
  "throw",
  "forward",
  "forward-headers",
  "forward-other-header",
  "forward-twice",
  "reject-forward",
  "reply",
  "reply-builder",
  "reply-builder-all",
  "reply-builder-to",
  "reply-twice",
  "reply-from",
  "reply-to",
  "reply-id",
  "reply-received",
  "reply-no-in-reply",
  "reply-other-in-reply",
  "reply-references",
  "reply-references-bad",
  "reply-references-one",
  "reply-nothing",
];
const JSON_TOO = [
  "nothing",
  "reject",
  "throw",
  "forward",
  "forward-headers",
  "forward-twice",
  "reject-forward",
  "reply",
  "reply-builder",
  "reply-builder-all",
  "reply-builder-to",
  "reply-references",
  "reply-id",
  "reply-from",
];

export const EXCHANGES = {
  ...Object.fromEntries(HANDLERS.map((name) => [name, to(name)])),
  ...Object.fromEntries(JSON_TOO.map((name) => [`${name}, JSON`, to(name, {}, "&format=json")])),
  "old path": { ...to("nothing"), path: "/cdn-cgi/handler/email" },
  "by GET": {
    path: "/cdn-cgi/handler/email",
    query: "?from=a@example.com&to=b@example.com",
    method: "GET",
  },
  "no from": { query: "?to=nothing@example.com", body: mailOf("nothing@example.com") },
  "no to": { query: "?from=you@sender.test", body: mailOf("nothing@example.com") },
  "no body": { query: "?from=you@sender.test&to=nothing@example.com", body: "" },
  "no Message-ID": to("nothing", { "Message-ID": null }),
  "no headers": { query: "?from=you@sender.test&to=nothing@example.com", body: "hello" },
  "no From header": to("nothing", { From: null }),
  "envelope's from differs": to("nothing", { From: "x@example.com" }),
  "envelope's to differs": to("look", { To: "x@example.com" }),
  "To with names, Cc": to("look", {
    To: "A <look@example.com>, B <b@example.com>",
    Cc: "c@example.com",
  }),
  "Bcc is removed": to("look", { Bcc: "b@example.com" }),
  "folded and repeated headers": to("look", { "X-A": "1\r\n  2", "X-a": "3" }),
  "error for format=json": { query: "?from=you@sender.test&format=json", body: "" },
  "not replyable, Auto-Submitted": to("reply", { "Auto-Submitted": "auto-replied" }),
  "replyable, Auto-Submitted no": to("reply", { "Auto-Submitted": "no" }),
  "not replyable, suppressed": to("reply", { "X-Auto-Response-Suppress": "All" }),
  "not replyable, In-Reply-To alone": to("reply", { "In-Reply-To": "<0@x>" }),
  "not replyable, References alone": to("reply", { References: "<0@x>" }),
  "replyable, both": to("reply", { "In-Reply-To": "<0@x>", References: "<0@x>" }),
  "reply keeps References": to("reply-references", { "In-Reply-To": "<0@x>", References: "<0@x>" }),
  "not replyable, 100 references": to("reply", {
    "In-Reply-To": "<0@x>",
    References: Array.from({ length: 100 }, (_, index) => `<${index}@x>`).join("\r\n "),
  }),
  "too large": {
    query: "?from=you@sender.test&to=nothing@example.com",
    body: mailOf("nothing@example.com", {}, "x".repeat(25 * 1024 * 1024)),
  },
};

/** What differs from run to run. */
export const normal = (text) =>
  text
    .replace(/[A-Za-z0-9]{36}@/g, "(id)@")
    .replace(/Date: [^\\\r]*GMT/g, "Date: (time)")
    .replace(/_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "_(boundary)")
    .replace(/"timestamp":\s*("[^"]*"|\d+)/g, '"timestamp":"(time)"')
    .replace(/\n\s+at [^\n"]*/g, "")
    .replace(/(?:\\n\s+at [^\n"]*?)+(?=")/g, "");

export async function play(fetch) {
  const answers = {};
  answers.binding = JSON.parse(normal(await (await fetch("/")).text()));
  for (const [
    name,
    { path = "/cdn-cgi/local/email", query, body, method = "POST" },
  ] of Object.entries(EXCHANGES)) {
    const response = await fetch(`${path}${query}`, { method, body });
    const text = normal(await response.text());
    const seen = JSON.parse(normal(await (await fetch("/seen")).text()));
    answers[name] = {
      status: response.status,
      type: response.headers.get("content-type"),
      text,
      seen,
    };
  }
  return answers;
}

import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 12.1, 12.2, 12.5: HTMLRewriter */

const rewritten = (html, build, init) => {
  const rewriter = new HTMLRewriter();
  build(rewriter);
  const response = html instanceof Response ? html : new Response(html, init);
  return rewriter.transform(response).text();
};
const onP = (html, element) => rewritten(html, (rewriter) => rewriter.on("p", { element }));

const INVALID =
  "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";

behaviour("12.1", "bytes that no handler touches stay as they are", async () => {
  const html =
    "<!DOCTYPE  html>\n<HTML ><p  Class='a' b = c>&amp; &nope; <br/> <!-- x --><?php q ?></P ><div><p>a<p>b</div></x> é 日";
  equal(await onP(html, () => {}), html);
  equal(await rewritten(html, () => {}), html);
});

behaviour("12.1", "the new response has what the old one had", async () => {
  const old = new Response("<p>", {
    status: 201,
    statusText: "hi",
    headers: { "content-length": "3", x: "y" },
  });
  const response = new HTMLRewriter().transform(old);
  equal([response.status, response.statusText, response.url], [201, "hi", ""]);
  equal([response.headers.get("content-length"), response.headers.get("x")], ["3", "y"]);
  response.headers.set("x", "z");
  equal([old.bodyUsed, old.body.locked, response.bodyUsed], [true, true, false]);
  equal(await response.text(), "<p>");
  equal(new HTMLRewriter().transform(new Response(null, { status: 204 })).body, null);
});

behaviour("12.1", "what cannot be transformed is refused", async () => {
  const transform = (response) => () => new HTMLRewriter().transform(response);
  const wrong =
    "Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.";
  throws(() => new HTMLRewriter().transform(), "TypeError", wrong);
  throws(transform("x"), "TypeError", wrong);
  throws(
    transform(Response.error()),
    "TypeError",
    "HTMLRewriter cannot transform an error response",
  );
  const locked = new Response("a");
  locked.body.getReader();
  const used = new Response("a");
  await used.text();
  for (const response of [locked, used]) {
    throws(transform(response), "TypeError", "The ReadableStream has been locked to a reader.");
  }
});

behaviour("12.1", "handlers are checked", () => {
  const on =
    (...args) =>
    () =>
      new HTMLRewriter().on(...args);
  const prefix = "Failed to execute 'on' on 'HTMLRewriter': parameter";
  throws(on(), "TypeError", `${prefix} 1 is not of type 'string'.`);
  throws(on("p"), "TypeError", `${prefix} 2 is not of type 'ElementContentHandlers'.`);
  throws(on("p", 5), "TypeError", `${prefix} 2 is not of type 'ElementContentHandlers'.`);
  for (const element of [5, null]) {
    throws(
      on("p", { element }),
      "TypeError",
      "Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is not of type 'function'.",
    );
  }
  throws(
    () => new HTMLRewriter().onDocument(),
    "TypeError",
    "Failed to execute 'onDocument' on 'HTMLRewriter': parameter 1 is not of type 'DocumentContentHandlers'.",
  );
  throws(
    () => new HTMLRewriter().onDocument({ end: 5 }),
    "TypeError",
    "Incorrect type for the 'end' field on 'DocumentContentHandlers': the provided value is not of type 'function'.",
  );
  const rewriter = new HTMLRewriter();
  equal(rewriter.on("p", {}) === rewriter && rewriter.onDocument({}) === rewriter, true);
});

behaviour("12.2", "selectors that match", async () => {
  const html =
    '<div id=A class="x y"><p lang="en-US" data-a="one two">1</p><P CLASS=z>2</P><span><p>3</p></span></div><esi:include>';
  for (const [selector, expected] of [
    ["*", "div p p span p esi:include"],
    ["P", "p p p"],
    ["#A", "div"],
    ["#a", ""],
    [".y", "div"],
    [".Y", ""],
    ["[lang]", "p"],
    ["[lang|=en]", "p"],
    ["[data-a~=two]", "p"],
    ["[data-a^=one]", "p"],
    ["[data-a$=two]", "p"],
    ["[data-a*='e t']", "p"],
    ["[lang='EN-us' i]", "p"],
    ["[lang='EN-us' s]", ""],
    ["div > p", "p p"],
    ["div p", "p p p"],
    ["p:first-child", "p p"],
    ["p:nth-child(2)", "p"],
    ["p:nth-of-type(2n)", "p"],
    ["p:first-of-type", "p p"],
    ["p:not(.z)", "p p"],
    ["span, .x", "div span"],
    ["*|span", "span"],
    ["esi\\:include", "esi:include"],
  ]) {
    const seen = [];
    await rewritten(html, (rewriter) =>
      rewriter.on(selector, { element: (element) => void seen.push(element.tagName) }),
    );
    equal(seen.join(" "), expected, selector);
  }
});

behaviour("12.2", "selectors that are refused", () => {
  const groups = {
    "The selector is empty.": ["", " ", "> p", "p,,a", "!", "&", ":not()", "#", "1"],
    "Unsupported pseudo-class or pseudo-element in selector.": [
      ":hover",
      "p::before",
      ":has(a)",
      ":is(a)",
      ":last-child",
      ":empty",
      ":root",
      ":nth-last-child(1)",
      ":last-of-type",
    ],
    "Unsupported combinator `+` in selector.": ["p + a"],
    "Unsupported combinator `~` in selector.": ["p ~ a"],
    "Unexpected end of selector.": ["p[", "[a=", "."],
    "Dangling combinator in selector.": ["p >"],
    "Selectors with explicit namespaces are not supported.": ["svg|a", "[x|y]", "a||b"],
  };
  for (const [text, selectors] of Object.entries(groups)) {
    for (const selector of selectors) {
      throws(() => new HTMLRewriter().on(selector, {}), "TypeError", `Parser error: ${text}`);
    }
  }
});

behaviour("12.5", "async handlers run one after the other", async ({ env }) => {
  const order = [];
  const html = await rewritten("<p>a</p><p>b</p>", (rewriter) =>
    rewriter
      .on("p", {
        async element(element) {
          order.push("first");
          const response = await env.SELF.fetch("http://self/cases");
          await response.body.cancel();
          element.setInnerContent("<i>x</i>", { html: true });
          order.push("first is done");
        },
      })
      .on("p", { element: () => void order.push("second") }),
  );
  equal(html, "<p><i>x</i></p><p><i>x</i></p>");
  equal(order, ["first", "first is done", "second", "first", "first is done", "second"]);
});

behaviour("12.5", "several documents at once", async () => {
  const rewriter = new HTMLRewriter().on("p", {
    async element(element) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      element.append("!");
    },
  });
  const texts = await Promise.all(
    [..."abcdefgh"].map((name) => rewriter.transform(new Response(`<p>${name}</p>`)).text()),
  );
  equal(texts.join(""), [..."abcdefgh"].map((name) => `<p>${name}!</p>`).join(""));
});

behaviour("12.5", "documents that wait go on in any order", async () => {
  const begin = async (name) => {
    const hasBegun = Promise.withResolvers();
    const gate = Promise.withResolvers();
    const text = onP(`<p>${name}</p><p>z</p>`, async (element) => {
      hasBegun.resolve();
      await gate.promise;
      element.onEndTag(async (tag) => {
        await gate.promise;
        tag.before("!", { html: true });
      });
      element.setAttribute("id", name);
    });
    await hasBegun.promise;
    return {
      finish: async () => {
        gate.resolve();
        equal(await text, `<p id="${name}">${name}!</p><p id="${name}">z!</p>`);
      },
    };
  };
  const first = await begin("first");
  const second = await begin("second");
  await first.finish();
  const third = await begin("third");
  const fourth = await begin("fourth");
  await second.finish();
  await fourth.finish();
  await third.finish();
});

behaviour("12.5", "content may be a stream or a response", async () => {
  const html = await onP("<p>in</p>", async (p) => {
    p.append(new Response("<i>").body);
    p.append("z");
    p.prepend(new Response("<b>"), { html: true });
    p.before(new Response(null));
    const text = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("é"));
        controller.close();
      },
    });
    p.onEndTag((tag) => tag.after(text));
  });
  equal(html, "<p><b>in&lt;i&gt;z</p>é");
  const failing = new ReadableStream({
    start: (controller) => controller.error(new RangeError("source")),
  });
  await rejects(
    () => onP("<p></p>", (p) => p.prepend(failing).append("x")),
    "RangeError",
    "source",
  );
  const locked = new ReadableStream();
  locked.getReader();
  await rejects(
    () => onP("<p></p>", (p) => p.prepend(locked)),
    "TypeError",
    "The ReadableStream has been locked to a reader.",
  );
});

behaviour("12.5", "a token is of no use after its handler", async () => {
  let kept;
  await onP("<p a=1>", (element) => {
    kept = element;
  });
  for (const use of [
    () => kept.tagName,
    () => kept.attributes,
    () => kept.removed,
    () => kept.getAttribute("a"),
    () => kept.append("x"),
    () => kept.remove(),
    () => kept.onEndTag(() => {}),
  ]) {
    throws(use, "TypeError", INVALID);
  }
});

behaviour("12.5", "what a handler throws is what the reader gets", async () => {
  const fails = (element) => () => onP("<p>x</p>", element);
  const range = () => {
    throw new RangeError("boo");
  };
  await rejects(fails(range), "RangeError", "boo");
  await rejects(
    fails(async () => range()),
    "RangeError",
    "boo",
  );
  await rejects(
    fails((p) => p.onEndTag(range)),
    "RangeError",
    "boo",
  );
  await rejects(
    fails(() => Promise.reject("text")),
    "Error",
    "text",
  );
  await rejects(
    fails(() => Promise.reject()),
    "Error",
    "undefined",
  );
});

behaviour("12.5", "what came out before an error arrives", async () => {
  const response = new HTMLRewriter()
    .on("p", {
      async element() {
        await null;
        throw new RangeError("boo");
      },
    })
    .transform(new Response("<b>before</b><p>after"));
  const reader = response.body.getReader();
  const { value } = await reader.read();
  equal(new TextDecoder().decode(value), "<b>before</b>");
  await rejects(() => reader.read(), "RangeError", "boo");
});

behaviour("12.5", "ambiguous markup fails", async () => {
  try {
    await onP("<select><xmp>", () => {});
    check(false, "no error");
  } catch (error) {
    equal(error.name, "TypeError");
    equal(
      error.message.split("\n")[0],
      "Parser error: The parser has encountered a text content tag (`<xmp>`) in the context where it is ambiguous whether this tag should be ignored or not. And, thus, it is unclear whether consequent content should be parsed as raw text or HTML markup.",
    );
  }
});

behaviour("12.5", "an error of the input reaches the reader", async () => {
  const input = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("<p>x")),
    pull: (controller) => controller.error(new RangeError("in")),
  });
  await rejects(() => rewritten(new Response(input), () => {}), "RangeError", "in");
});

behaviour("12.1", "documents in other encodings", async () => {
  const bytes = Uint8Array.of(60, 112, 62, 233, 60, 47, 112, 62);
  const of = (charset) =>
    new Response(bytes, { headers: { "content-type": `text/html; charset=${charset}` } });
  const seen = [];
  const rewriter = new HTMLRewriter().on("p", {
    element: (p) => p.append("日é"),
    text: (chunk) => void seen.push(chunk.text),
  });
  const out = new Uint8Array(await rewriter.transform(of("latin1")).arrayBuffer());
  equal(String.fromCharCode(...out), "<p>\xe9&#26085;\xe9</p>");
  equal(seen, ["é", ""]);
  throws(
    () => rewriter.transform(of("utf-16")),
    "TypeError",
    "Parser error: Expected ASCII-compatible encoding.",
  );
  throws(
    () => rewriter.transform(of("nope")),
    "TypeError",
    "Parser error: Unknown character encoding has been provided.",
  );
});

behaviour("12.1", "large documents stream through, and stop when nobody reads", async () => {
  let pulled = 0;
  const { promise: cancelled, resolve: setCancelled } = Promise.withResolvers();
  const part = new TextEncoder().encode(`<p>${"x".repeat(16_000)}</p>`);
  const endless = new ReadableStream(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(part);
      },
      cancel: setCancelled,
    },
    { highWaterMark: 0 },
  );
  let elements = 0;
  const response = new HTMLRewriter()
    .on("p", {
      element() {
        elements += 1;
      },
    })
    .transform(new Response(endless));
  const reader = response.body.getReader();
  let size = 0;
  while (size < 1_000_000) size += (await reader.read()).value.byteLength;
  check(pulled < 400, `${pulled} pulls for ${size} bytes`);
  check(elements > 50, `${elements} elements`);
  await reader.cancel("enough");
  equal(String(await cancelled), "Error: enough");
});

behaviour(
  "12.2",
  "selectors of a thousand combinators, in documents that wait beside each other",
  async () => {
    const depth = 1000;
    const selector = new Array(depth).fill("a").join(" > ");
    const html = `${"<a>".repeat(depth)}in${"</a>".repeat(depth)}`;
    const rewrite = (mark) =>
      rewritten(html, (rewriter) =>
        rewriter.on(selector, {
          async element(element) {
            await scheduler.wait(1);
            element.setAttribute("x", mark);
          },
        }),
      );
    const expected = (mark) => html.replace(`<a>in`, `<a x="${mark}">in`);
    const all = await Promise.all(["1", "2", "3"].map(rewrite));
    equal(all, ["1", "2", "3"].map(expected));
  },
);

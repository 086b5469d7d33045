import { behaviour, equal, throws } from "../harness.js";

/* 12.3, 12.4: what the handlers of HTMLRewriter are given */

const rewritten = (html, build, init) => {
  const rewriter = new HTMLRewriter();
  build(rewriter);
  const response = html instanceof Response ? html : new Response(html, init);
  return rewriter.transform(response).text();
};
const onP = (html, element) => rewritten(html, (rewriter) => rewriter.on("p", { element }));

const INVALID =
  "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";
const ONLY_TEXT =
  "Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.";

behaviour("12.3", "an element shows and changes its tag", async () => {
  const seen = [];
  const html = await onP('<P a=1 B="x &amp; y"\tc>in</P >', (element) => {
    seen.push(element.tagName, element.namespaceURI, element.removed, [...element.attributes]);
    seen.push(element.getAttribute("A"), element.getAttribute("z"), element.hasAttribute("C"));
    equal(element.setAttribute("A", 'q"<&') === element, true);
    element.setAttribute("New", 5).removeAttribute("c");
    element.tagName = "Q";
    seen.push(element.onEndTag(() => {}));
  });
  equal(html, '<Q a="q&quot;<&" B="x &amp; y" new="5">in</Q>');
  equal(seen, [
    "p",
    "http://www.w3.org/1999/xhtml",
    false,
    [
      ["a", "1"],
      ["b", "x &amp; y"],
      ["c", ""],
    ],
    "1",
    null,
    true,
    undefined,
  ]);
});

behaviour("12.3", "names that are none are refused", async () => {
  await onP("<p>", (element) => {
    const tag = "The first character of the tag name should be an ASCII alphabetical character.";
    for (const [name, text] of [
      ["", "Tag name can't be empty."],
      ["a b", "` ` character is forbidden in the tag name"],
      ["a>", "`>` character is forbidden in the tag name"],
      ["a/", "`/` character is forbidden in the tag name"],
      ["1a", tag],
      [5, tag],
    ]) {
      const set = () => {
        element.tagName = name;
      };
      throws(set, "TypeError", `Parser error: ${text}`);
    }
    for (const [name, text] of [
      ["", "Attribute name can't be empty."],
      ["a b", "` ` character is forbidden in the attribute name"],
      ["a=", "`=` character is forbidden in the attribute name"],
      ["a>", "`>` character is forbidden in the attribute name"],
    ]) {
      throws(() => element.setAttribute(name, ""), "TypeError", `Parser error: ${text}`);
    }
  });
});

behaviour("12.3", "attributes are iterated once, unless they change", async () => {
  let late;
  await onP("<p a=1 b=2>", (element) => {
    const iterator = element.attributes;

    equal(iterator[Symbol.iterator]() === iterator, true);
    equal(iterator.next(), { done: false, value: ["a", "1"] });
    element.setAttribute("c", "d");
    throws(
      () => iterator.next(),
      "Error",
      "The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes.",
    );
    late = element.attributes;
  });
  throws(() => late.next(), "TypeError", INVALID);
});

behaviour("12.3", "content goes where it is asked for, in production's order", async () => {
  const raw = { html: true };
  equal(
    await onP("<p>in</p>", (p) => {
      p.before("1").before("2").after("3").after("4");
      p.prepend("5").prepend("6").append("7").append("8");
    }),
    "12<p>65in78</p>43",
  );
  equal(await onP("<p>in</p>", (p) => p.replace("a").replace("b").before("c")), "cb");
  equal(await onP("<p>in</p>", (p) => p.setInnerContent("a").append("b")), "<p>ab</p>");
  equal(await onP("<p>in</p>", (p) => p.remove().before("a").after("b").append("c")), "acb");
  equal(await onP("<p>in<i>x</i></p>", (p) => p.removeAndKeepContent()), "in<i>x</i>");
  equal(
    await onP("<p></p>", (p) => p.append("<b>&").append("<b>&", raw).append("<", { html: 0 })),
    "<p>&lt;b&gt;&amp;<b>&&lt;</p>",
  );
  equal(await onP("<p></p>", (p) => p.append(undefined).append(5, null)), "<p>undefined5</p>");
});

behaviour("12.3", "arguments are checked", async () => {
  await onP("<p>", (p) => {
    const wrong = (method, at, type) =>
      `Failed to execute '${method}' on 'Element': parameter ${at} is not of type '${type}'.`;
    const content = wrong("append", 1, "string or JsReadableStream or Response");
    throws(() => p.append(), "TypeError", content);
    throws(() => p.append(Symbol("x")), "TypeError", "Cannot convert a Symbol value to a string");
    throws(() => p.append("a", 5), "TypeError", wrong("append", 2, "ContentOptions"));
    throws(() => p.getAttribute(), "TypeError", wrong("getAttribute", 1, "string"));
    throws(() => p.setAttribute("a"), "TypeError", wrong("setAttribute", 2, "string"));
    throws(() => p.onEndTag(), "TypeError", wrong("onEndTag", 1, "function"));
  });
});

behaviour("12.3", "void elements have no content and no end tag", async () => {
  const html = await rewritten("<br><svg><a/></svg><p/>", (rewriter) =>
    rewriter.on("br, a", {
      element(element) {
        element.append("x").prepend("y").setInnerContent("z").after("!");
        throws(() => element.onEndTag(() => {}), "TypeError", "Parser error: No end tag.");
      },
    }),
  );
  equal(html, "<br>!<svg><a/>!</svg><p/>");
});

behaviour("12.3", "what is inside of something removed is still seen", async () => {
  const seen = [];
  const html = await rewritten("<p>a<i>b</i></p><b>c</b>", (rewriter) =>
    rewriter
      .on("p", {
        element(element) {
          element.remove();
          seen.push(element.removed);
        },
        text: (chunk) => void (chunk.text && seen.push(chunk.text, chunk.removed)),
      })
      .on("b", {
        element(element) {
          element.replace("<i>", { html: true });
          seen.push(element.removed);
        },
      })
      .on("i", { element: () => void seen.push("i") }),
  );
  equal(html, "<i>");
  equal(seen, [true, "a", false, "i", "b", false, true]);
});

behaviour("12.4", "end tags", async () => {
  const html = await rewritten("<p>x</p><p>a<p>b</p>", (rewriter) =>
    rewriter.on("p", {
      element(element) {
        element.onEndTag((tag) => tag.before("replaced"));
        element.onEndTag(async (tag) => {
          await null;
          tag.name = "Q";
          equal(tag.name, "q");
          tag.before("b").after("<A>", { html: true });
        });
      },
    }),
  );
  equal(html, "<p>xb</Q><A><p>a<p>bb</Q><A>");
  equal(await onP("<p>x</p>y", (p) => p.onEndTag((tag) => tag.remove())), "<p>xy");
  const last = await rewritten("<p>x</p>", (rewriter) =>
    rewriter
      .on("p", { element: (p) => p.onEndTag((tag) => tag.before("1")) })
      .on("*", { element: (p) => p.onEndTag((tag) => tag.before("2")) }),
  );
  equal(last, "<p>x2</p>");
});

behaviour("12.4", "text comes in chunks, the last of which is empty", async () => {
  const seen = [];
  const html = await rewritten("<p>a &lt; b<i>c</i></p>d<script>e</script>", (rewriter) =>
    rewriter
      .on("p", {
        text(chunk) {
          seen.push([chunk.text, chunk.lastInTextNode]);
          if (chunk.text !== "c") return;
          equal(chunk.before("1") === chunk, true);
          chunk.after("2").replace("<R>", { html: true });
          equal(chunk.removed, true);
        },
      })
      .onDocument({ text: (chunk) => void (chunk.text === "e" && chunk.remove()) }),
  );
  equal(html, "<p>a &lt; b<i>1<R>2</i></p>d<script></script>");
  equal(seen, [
    ["a &lt; b", false],
    ["", true],
    ["c", false],
    ["", true],
  ]);
});

behaviour("12.4", "a character that is split between chunks is kept whole", async () => {
  const bytes = new TextEncoder().encode("<p>日本</p>");
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const writing = (async () => {
    for (const byte of bytes) await writer.write(Uint8Array.of(byte));
    await writer.close();
  })();
  let text = "";
  const html = await rewritten(new Response(readable), (rewriter) =>
    rewriter.on("p", {
      text(chunk) {
        text += chunk.text;
      },
    }),
  );
  await writing;
  equal([html, text], ["<p>日本</p>", "日本"]);
});

behaviour("12.4", "comments", async () => {
  const html = await rewritten("<p><!--x--><?php q ?></p><!--y-->", (rewriter) =>
    rewriter
      .on("p", {
        comments(comment) {
          if (comment.text === "x") {
            const set = () => {
              comment.text = "a-->b";
            };
            throws(
              set,
              "TypeError",
              "Parser error: Comment text shouldn't contain a comment-closing sequence.",
            );
            throws(() => comment.before(new Response("x")), "TypeError", ONLY_TEXT);
            comment.text = "a--b";
            comment.before("1").after("2");
          } else equal(comment.text, "?php q ?");
        },
      })
      .onDocument({ comments: (comment) => void (comment.text === "y" && comment.replace("z")) }),
  );
  equal(html, "<p>1<!--a--b-->2<?php q ?></p>z");
});

behaviour("12.4", "doctype and the end of the document", async () => {
  const seen = [];
  const html = await rewritten(
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD" "http://w3">x<!doctype html>',
    (rewriter) =>
      rewriter
        .onDocument({
          doctype: ({ name, publicId, systemId }) => void seen.push([name, publicId, systemId]),
          end: (end) => end.append("1").append("<2>", { html: true }),
        })
        .onDocument({
          end(end) {
            end.append("x");
            throws(() => end.append(new Response("y")), "TypeError", ONLY_TEXT);
          },
        }),
  );
  equal(html, '<!DOCTYPE HTML PUBLIC "-//W3C//DTD" "http://w3">x<!doctype html>x1<2>');
  equal(seen[0], ["html", "-//W3C//DTD", "http://w3"]);
  equal(seen[1], ["html", null, null]);
});

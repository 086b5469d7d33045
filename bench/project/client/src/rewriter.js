/** Documents for HTMLRewriter: what a page of articles looks like, 1 MB at a time. */

const ITEM = `<article class="item" data-id="17"><h2><a href="/articles/17?from=list">A title of an article</a></h2>
  <p>Some text of a paragraph with <em>emphasis</em>, an image <img src="/a.png" alt="x"> and a
  <a href="https://example.com/">link</a>. It goes on for another line or two, as texts do.</p></article>\n`;
const PAGE = new TextEncoder().encode(ITEM.repeat(Math.ceil(2 ** 20 / ITEM.length)));

const rewriters = {
  /** Nothing matches. */
  through: () => new HTMLRewriter().on("nothing", { element() {} }),
  /** 2 of 7 elements are changed. */
  links: () =>
    new HTMLRewriter().on("a[href]", {
      element(element) {
        element.setAttribute("rel", "nofollow");
      },
    }),
  /** Every text is looked at. */
  texts: () => new HTMLRewriter().on("p", { text: (chunk) => void chunk.text.length }),
};

export async function rewrite(name, megabytes) {
  let size = 0;
  for (let i = 0; i < megabytes; i++) {
    const { body } = rewriters[name]().transform(new Response(PAGE));
    for await (const chunk of body) size += chunk.byteLength;
  }
  if (size < megabytes * PAGE.byteLength) throw new Error(`${size} bytes`);
}

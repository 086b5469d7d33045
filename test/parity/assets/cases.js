/*
 * What the real wrangler and drover are both asked about static assets: projects, and the requests
 * sent to each. record.js writes wrangler's answers to answers.json; test/e2e/assets-parity.test.ts
 * sends the same to drover. Files are made from this list: their names (`?`, `#`, `%`) do not
 * survive every checkout.
 */

import { reactProject } from "./react.js";
import { answerRequests, imageRequests, navigate, routedRequests } from "./requests.js";
import {
  badHeaders,
  badRedirects,
  echo,
  headersFile,
  redirectsFile,
  viaBinding,
  viaHeaders,
} from "./texts.js";

/** Section 8 of spec/assets.md: every file says its own name. */
const pages = named([
  "index.html",
  "page.html",
  "dir/index.html",
  "twin.html",
  "twin/index.html",
  "plain",
  "plain.html",
  "deep/index",
  "deep/index.html",
  "lonely/index",
  "note.txt",
]);

const pagePaths = [
  ..."/ /index /index.html /index/ /page /page/ /page.html /page/index /page/index.html".split(" "),
  ..."/page/index/ /page.html/ /dir /dir/ /dir.html /dir/index /dir/index.html".split(" "),
  ..."/dir/index/ /twin /twin/ /twin.html /twin/index /twin/index.html /plain /plain/".split(" "),
  ..."/plain.html /plain/index /plain/index.html /deep /deep/ /deep/index".split(" "),
  ..."/deep/index.html /deep.html /lonely /lonely/ /note.txt /note.txt/ /note /PAGE".split(" "),
  ..."//page /page// //page.html /page.html?x=1&y=2 /page?x=1 /dir?q=/a//b /./page".split(" "),
  ..."/dir/../page.html /dir/%2e%2e/page /..%2fpage /dir/..%2f..%2fpage /%2e%2e/page".split(" "),
  ..."/page%00 /index.html/index.html /twin/index/index.html //evil.com /%2F/evil.com".split(" "),
];

const encoded = named([
  "404.html",
  "enc/[x].html",
  "enc/a+b.txt",
  "enc/ü.txt",
  "enc/sp ace.txt",
  "enc/日本.txt",
  "enc/col:on.txt",
  "enc/a&b=c;d,e@f$g!h'(i)*j.txt",
  "enc/til~de.txt",
  "enc/100%.txt",
  "enc/%5By%5D.txt",
  "enc/q?m.txt",
  "enc/h#h.txt",
  "dir/page.html",
  "dir/404.html",
  ".well-known/x",
  ".hidden/x.txt",
  "types/.dotfile",
  "sub/_headers",
  "sub/_redirects",
]);

const encodedPaths = [
  ..."/enc/%5Bx%5D /enc/[x] /enc/%5bx%5d /enc/[x].html /enc/a%2Bb.txt /enc/a+b.txt".split(" "),
  ..."/enc/a%2bb.txt /enc%2Fa%2Bb.txt /enc/%C3%BC.txt /enc/%c3%bc.txt /enc/sp%20ace.txt".split(" "),
  ..."/enc/%E6%97%A5%E6%9C%AC.txt /enc/%e6%97%a5%e6%9c%ac.txt /enc/col%3Aon.txt".split(" "),
  ..."/enc/col:on.txt /enc/a%26b%3Dc%3Bd%2Ce%40f%24g!h'(i)*j.txt".split(" "),
  ..."/enc/a&b=c;d,e@f$g!h'(i)*j.txt /enc/til~de.txt /enc/til%7Ede.txt".split(" "),
  ..."/enc/100%25.txt /enc/100%.txt /enc/%255By%255D.txt /enc/%5By%5D.txt".split(" "),
  ..."/enc/q%3Fm.txt /enc/h%23h.txt /dir/page /dir/p%61ge /dir//page /%64ir/page".split(" "),
  ..."/dir\\page /.well-known/x /.hidden/x.txt /types/.dotfile /sub/_headers".split(" "),
  ..."/sub/_redirects /_headers /_redirects /.assetsignore /404 /404.html /dir/404".split(" "),
  ..."/dir/deep/nope /nope /enc/%ZZ /nope?q=1 //evil.com //evil.com/%2e%2e".split(" "),
];

const types = Object.fromEntries(
  "js mjs cjs css html htm json map svg ico woff2 wasm xml md ts tsx webmanifest yaml toml gz m3u8 bin txt csv pdf png webp avif mp4 jsonld rss unknown jsx vtt ics avifs jxl apk dart geojson"
    .split(" ")
    .map((ending) => [`t/a.${ending}`, `file ${ending}`]),
);

/** For section 6. */
const routed = {
  "index.html": "ROOT",
  "404.html": "P404",
  "exists.txt": "EXISTS",
  "page.html": "PAGE",
  "api/file.txt": "APIFILE",
  "api/docs/here.txt": "DOCS",
  _redirects: "/old /page 301\n/rewrite /nothing 200\n",
};

const belowApp = {
  "index.html": "ROOT",
  "page.html": "PAGE",
  "dir/index.html": "DIR",
};

const rules = ["/api/*", "!/api/docs/*"];

const asked = (what, at = "/") => ["GET", `/?do=${what}&at=${encodeURIComponent(at)}`];

/** @type {import("./cases.d.ts").Project[]} */
export const projects = [
  ...["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"].map((mode) => ({
    name: mode,
    assets: { html_handling: mode },
    files: pages,
    requests: pagePaths.map((path) => ["GET", path]),
  })),
  {
    name: "encoded",
    assets: { not_found_handling: "404-page" },
    files: { ...encoded, _headers: "", _redirects: "", ".assetsignore": "" },
    requests: encodedPaths.map((path) => ["GET", path]),
  },
  {
    name: "answers",
    assets: {},
    files: {
      ...types,
      "index.html": "<p>ROOT",
      "exists.txt": "EXISTS ".repeat(400),
      "empty.txt": "",
    },
    requests: [...Object.keys(types).map((path) => ["GET", `/${path}`]), ...answerRequests],
  },
  {
    name: "headers",
    assets: { not_found_handling: "404-page" },
    files: {
      "page.html": "PAGE",
      "gone.html": "GONE",
      "exists.txt": "EXISTS",
      "twice.txt": "T",
      "twice/index.html": "TW",
      "users/1/x": "U",
      "cookies.html": "C",
      "404.html": "P404",
      "ü.html": "UE",
      "sp/x.html": "SP",
      _headers: headersFile,
      _redirects: "/old /page 301\n",
    },
    requests: [
      ...[
        "/page",
        "/users/1/x",
        "/exists.txt",
        "/gone.html",
        "/nope",
        "/old",
        "/twice",
        "/twice/",
      ].map((path) => ["GET", path]),
      ...["/cookies", "/%C3%BC", "/sp/x", "/page.html", "/pa", "/sp/x?y=1"].map((path) => [
        "GET",
        path,
      ]),
      ["POST", "/page"],
      ["POST", "/exists.txt"],
      ["HEAD", "/exists.txt"],
      ["GET", "/page", { "if-none-match": "$ETAG" }],
      ["GET", "/exists.txt", { "if-none-match": '"mine"' }],
      ["GET", "/page", { authorization: "x" }],
      ["GET", "/page", { host: "a.example.com" }],
    ],
  },
  {
    name: "bad-headers",
    assets: {},
    files: { "ok.html": "OK", "long.html": "LONG", _headers: badHeaders },
    requests: [
      ["GET", "/ok"],
      ["GET", "/long"],
    ],
    lines: true,
  },
  {
    name: "redirects",
    assets: {},
    files: {
      "page.html": "PAGE",
      "exists.txt": "EXISTS",
      "index.html": "ROOT",
      _redirects: redirectsFile,
    },
    requests: [
      ...`/a /a/ /a?x=1 /b /a-301 /a-302 /a-303 /a-307 /a-308 /q /q?mine=2 /ext /ext?z=1 /page2 /page3 /page3?q=1
      /nothing /loop /exists.txt /noslash /multi2 /p/1/2 /p/1/2/ /p/1/2?q=3 /p/a%20b/c /proxy /proxy/ /proxy/a/b
      /proxied/page /proxied/page.html /proxied/none /proxied/ /abs/x/y?z=1 /abs/ /twostars/a/x/b /late /A /proxy//evil.com /%61`
        .split(/\s+/)
        .map((path) => ["GET", path]),
      ["POST", "/a"],
      ["HEAD", "/a"],
      ["POST", "/page3"],
      ["POST", "/nothing"],
      ["HEAD", "/page3"],
    ],
    lines: true,
  },
  {
    name: "bad-redirects",
    assets: {},
    files: { "index.html": "ROOT", _redirects: badRedirects },
    requests: [
      ["GET", "/fine"],
      ["GET", "/dup"],
      ["GET", "/s/"],
    ],
    lines: true,
  },
  ...[
    ["none", {}],
    ["spa", { not_found_handling: "single-page-application" }],
    ["spa-before", { not_found_handling: "single-page-application" }, "2025-03-31"],
    [
      "spa-before-flag",
      { not_found_handling: "single-page-application" },
      "2025-03-31",
      ["assets_navigation_prefers_asset_serving"],
    ],
    [
      "spa-no-effect",
      { not_found_handling: "single-page-application" },
      "2025-04-01",
      ["assets_navigation_has_no_effect"],
    ],
    ["404-page", { not_found_handling: "404-page" }],
    ["first", { run_worker_first: true }],
    ["rules-spa", { run_worker_first: rules, not_found_handling: "single-page-application" }],
    ["rules-none", { run_worker_first: [...rules, "/page"] }],
  ].map(([name, assets, date, flags]) => ({
    name: `worker-${name}`,
    assets,
    date,
    flags,
    main: echo,
    files: routed,
    requests: routedRequests,
  })),
  ...["none", "single-page-application", "404-page"].map((handling) => ({
    name: `only-${handling}`,
    assets: { not_found_handling: handling },
    files: routed,
    requests: routedRequests,
  })),
  reactProject,
  {
    name: "ignored",
    assets: {},
    files: {
      ".assetsignore":
        "# comment\n*.secret\nprivate/\n!keep.secret\n**/deep/*.log\n/root-only.txt\nnode_modules\n",
      ...named([
        "a.secret",
        "keep.secret",
        "private/x.txt",
        "sub/private/y.txt",
        "sub/deep/z.log",
        "sub/deep/z.txt",
        "root-only.txt",
        "sub/root-only.txt",
        "node_modules/m/index.js",
        "sub/b.secret",
        "sub/.assetsignore",
      ]),
    },
    requests:
      `/a.secret /keep.secret /private/x.txt /sub/private/y.txt /sub/deep/z.log /sub/deep/z.txt /root-only.txt
      /sub/root-only.txt /node_modules/m/index.js /sub/b.secret /sub/.assetsignore /.assetsignore`
        .split(/\s+/)
        .map((path) => ["GET", path]),
  },
  {
    name: "binding",
    assets: {
      binding: "ASSETS",
      run_worker_first: true,
      not_found_handling: "single-page-application",
    },
    main: viaBinding,
    services: [
      { binding: "SELF", service: "binding" },
      { binding: "NAMED", service: "binding", entrypoint: "Named" },
    ],
    files: {
      "index.html": "ROOT",
      "page.html": "PAGE",
      "exists.txt": "EXISTS",
      _redirects: "/old /page 301\n",
      _headers: "/page\n  X-H: h\n",
    },
    requests: [
      ["GET", "/page"],
      ["GET", "/page.html"],
      ["GET", "/nope"],
      ["POST", "/page"],
      ["HEAD", "/page"],
      ["GET", "/old"],
      asked("string", "/exists.txt"),
      asked("string", "/page.html"),
      asked("string", "/old"),
      asked("string", "/nope"),
      asked("request", "/page.html"),
      asked("manual", "/page.html"),
      asked("error", "/page.html"),
      asked("post", "/exists.txt"),
      asked("head", "/exists.txt"),
      asked("relative"),
      asked("ftp"),
      asked("conditional", "/exists.txt"),
      asked("headers", "/exists.txt"),
      asked("copy", "/exists.txt"),
      asked("method"),
      asked("typeof"),
      asked("abort", "/exists.txt"),
      asked("exports"),
      asked("named", "/x"),
      asked("rpc"),
    ],
  },
  {
    name: "router",
    assets: { binding: "ASSETS", run_worker_first: ["/", "/w/*"] },
    main: viaBinding,
    services: [
      { binding: "SELF", service: "router" },
      { binding: "NAMED", service: "router", entrypoint: "Named" },
    ],
    files: { "page.html": "PAGE", "exists.txt": "EXISTS", "w/x.txt": "WX" },
    requests: [
      asked("self", "/exists.txt"),
      asked("self", "/page.html"),
      asked("self", "/w/x.txt?do=inner"),
      asked("self", "/nope?do=inner"),
      asked("selfpost", "/exists.txt"),
      asked("selfpost", "/nope?do=inner"),
      asked("exports"),
      asked("named", "/exists.txt"),
      asked("string", "/w/x.txt"),
      asked("string", "/nope"),
    ],
  },
  {
    name: "images",
    assets: { run_worker_first: true, binding: "ASSETS" },
    main: viaHeaders,
    services: [{ binding: "SELF", service: "images" }],
    files: { "exists.txt": "EXISTS" },
    requests: imageRequests,
  },
  {
    name: "base",
    assets: { base_path: "/app", not_found_handling: "404-page" },
    main: echo,
    files: {
      "index.html": "ROOT",
      "page.html": "PAGE",
      "dir/index.html": "DIR",
      "404.html": "P404",
      _redirects: "/app/old /app/page 301\n/app/rw /app/page 200\n/app/out /page 200\n",
      _headers: "/app/page\n  X-Base: yes\n/page\n  X-Plain: yes\n",
    },
    requests: [
      ..."/ /app /app/ /app/index.html /app/page /app/page.html /app/dir /app/dir/ /page /apple /app/nope /app/old /app/rw /app/out /App/page /app//page /%61pp/page"
        .split(" ")
        .map((path) => ["GET", path]),
      ["GET", "/app/nope", navigate],
      ["GET", "/nope", navigate],
      ["POST", "/app/page"],
    ],
  },
  ...["force-trailing-slash", "drop-trailing-slash", "none"].map((mode) => ({
    name: `base-${mode}`,
    assets: { base_path: "/app/", html_handling: mode },
    files: belowApp,
    requests:
      "/ /app /app/ /app/index /app/index.html /app/page /app/page/ /app/page.html /app/dir /app/dir/ /app/dir/index.html /app/index/ /app//"
        .split(" ")
        .map((path) => ["GET", path]),
  })),
  {
    name: "odd",
    assets: { base_path: "a//b" },
    files: {
      ...belowApp,
      _redirects: "/a/b/s/* /a/b/:splat 301\n/d/:x/y:x /a/b/:x:x/:splat 302\n",
      _headers: "/a/b/:x/:x\n  A: b\n/a/b/*\n  X-S: :splat.:splatter\n",
    },
    requests: "/a/b /a/b/ /a/b/page /a/b/s/page /a/b/s/ /a/b/dir/index.html /d/1/y1 /a/page"
      .split(" ")
      .map((path) => ["GET", path]),
  },
];

/** @param {string[]} files */
function named(files) {
  return Object.fromEntries(files.map((file) => [file, `file:${file}`]));
}

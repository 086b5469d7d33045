import { behaviour, equal, throws } from "../harness.js";
import answers from "./legacy-urls.json";

/*
 * 2.8, 5: URLs before url_standard (2022-10-31) and response_redirect_url_standard (2023-03-14). The answers are
 * the real runtime's: what is given, then the text of the error or the properties of KEYS, by spaces.
 */

const KEYS = "href origin host hostname port pathname search hash username password".split(" ");

const attempt = (read) => {
  try {
    return read();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const show = (url) => KEYS.map((key) => attempt(() => url[key])).join(" ");

behaviour("2.8", "URL reads what it is given as it did before the standard", () => {
  for (const [args, shown] of answers.parsed) {
    equal(
      attempt(() => show(new URL(...args))),
      shown,
      JSON.stringify(args),
    );
  }
});

behaviour(
  "2.8",
  "setters of URL take anything; what cannot stand is told when it is written",
  () => {
    for (const [text, property, value, shown] of answers.set) {
      const set = () => {
        const url = new URL(text);
        url[property] = value;
        return show(url);
      };
      equal(attempt(set), shown, `${text} ${property} = ${JSON.stringify(value)}`);
    }
  },
);

behaviour("2.8", "default ports go when a protocol, host or port is set, not with href", () => {
  const after = (text, change) => {
    const url = new URL(text);
    change(url);
    return url.href;
  };
  const changes = [
    ["http://h:443", { protocol: "https" }, "https://h"],
    ["http://h:80", { protocol: "https" }, "https://h"],
    ["http://h", { href: "http://x:80" }, "http://x:80"],
    ["http://h", { href: "http://x:80", hostname: "y" }, "http://y:80"],
    ["http://h", { href: "http://x:80", host: "y" }, "http://y"],
    ["http://h", { href: "http://x:80", protocol: "http" }, "http://x"],
    ["http://h:81", { host: ":" }, "http://:81"],
    ["http://h:1:2", { hostname: "z" }, "http://z:1:2"],
    ["http://u:p@h", { username: "", password: "" }, "http://@h"],
  ];
  for (const [text, values, href] of changes) {
    equal(
      after(text, (url) => Object.assign(url, values)),
      href,
      JSON.stringify(values),
    );
  }
});

behaviour("2.8", "URL has no static methods, and is written where text is wanted", () => {
  equal(Object.getOwnPropertyNames(URL).sort(), ["length", "name", "prototype"]);
  const url = new URL("http://a?b c");
  equal([`${url}`, JSON.stringify(url)], ["http://a?b+c", '"http://a?b+c"']);
  equal([new URL(url).href, new URL("x", url).href], ["http://a?b+c", "http://a/x"]);
  for (const object of [url, new URLSearchParams("a")]) {
    throws(
      () => structuredClone(object),
      "DataCloneError",
      `Could not serialize object of type "${object.constructor.name}". This type does not support serialization.`,
    );
  }
  class Mine extends URL {
    get mine() {
      return true;
    }
  }
  const mine = new Mine("http://a");
  equal([mine.mine, mine.href, mine instanceof URL], [true, "http://a", true]);
  throws(
    () => new URL(),
    "TypeError",
    "Failed to construct 'URL': constructor parameter 1 is not of type 'string'.",
  );
  throws(
    () => URL("http://a"),
    "TypeError",
    "Failed to construct 'URL': Please use the 'new' operator, this object constructor cannot be called as a function.",
  );
});

behaviour("2.8", "URLSearchParams reads texts, arrays of pairs and plain objects", () => {
  for (const [init, shown] of answers.params) {
    const read = () => {
      const params = new URLSearchParams(init);
      return [params.toString(), [...params]];
    };
    equal(attempt(read), shown, JSON.stringify(init));
  }
  for (const init of [new Map([["a", "b"]]), new Headers({ a: "b" }), new Date(0), () => {}]) {
    equal(new URLSearchParams(init).toString(), "");
  }
  equal(String(new URLSearchParams({ a: ["b", "c"], d: undefined })), "a=b%2Cc&d=undefined");
  equal(String(new URLSearchParams(new URLSearchParams("a&b=%C3%28"))), "a=&b=%C3%28");
  equal(
    attempt(() => new URLSearchParams([["a"], 5])),
    notPairs(1),
  );
});

const notPairs = (index) =>
  `TypeError: Incorrect type for array element ${index}: the provided value is not of type 'Array'.`;

behaviour("2.8", "searchParams and its URL show each other's changes", () => {
  const url = new URL("http://a?x&y=1&x=2&z=%C3%28");
  const { searchParams } = url;
  equal([searchParams.toString(), url.search], ["x=&y=1&x=2&z=%C3%28", "?x&y=1&x=2&z=%C3%28"]);
  searchParams.append("q", "a b~");
  equal(url.href, "http://a?x&y=1&x=2&z=%C3%28&q=a+b%7E");
  searchParams.set("x", "%41+");
  equal(url.href, "http://a?x=%2541%2B&y=1&z=%C3%28&q=a+b%7E");
  for (const name of ["z", "q", "x"]) searchParams.delete(name);
  equal(url.href, "http://a?y=1");
  url.search = "b&a=2";
  equal([searchParams.toString(), searchParams === url.searchParams], ["b=&a=2", true]);
  searchParams.sort();
  equal(url.href, "http://a?a=2&b");
  url.href = "http://c?z=3";
  equal(searchParams.toString(), "z=3");
  searchParams.delete("z");
  equal(url.href, "http://c");
});

behaviour("2.8", "URLSearchParams are asked and walked through", () => {
  const params = new URLSearchParams("a=1&a=2&b&🌈&\ufb03");
  equal([params.get("a"), params.getAll("a"), params.get("b")], ["1", ["1", "2"], ""]);
  equal([params.get("c"), params.has("a"), params.has("c"), params.size], [null, true, false, 5]);
  params.sort();
  equal([...params.keys()].join(), "a,a,b,🌈,\ufb03");
  equal([...params.values()].join(), "1,2,,,");
  const seen = [];
  new URLSearchParams("a=1&b=2&c=3").forEach(function (value, key, own) {
    seen.push([value, key, this]);
    own.delete(key);
  }, 5);
  equal(seen, [
    ["1", "a", 5],
    ["3", "c", 5],
  ]);
  throws(
    () => params.get(),
    "TypeError",
    "Failed to execute 'get' on 'URLSearchParams': parameter 1 is not of type 'string'.",
  );
  throws(
    () => params.append("a"),
    "TypeError",
    "Failed to execute 'append' on 'URLSearchParams': parameter 2 is not of type 'string'.",
  );
});

behaviour("2.8", "URLSearchParams are a body", async () => {
  const response = new Response(new URLSearchParams("a&b=c d"));
  equal(response.headers.get("content-type"), "application/x-www-form-urlencoded;charset=UTF-8");
  equal(await response.text(), "a=&b=c+d");
});

behaviour(
  "5",
  "Response.redirect keeps what it was given, without dots and in small letters",
  () => {
    const kept = [
      "http://a http://a? http://a:80/ http://[::1]/ http:// http://a/a//b/ http://a/?&&a&b=#c",
      'http://u:p%zz@a http://a/x\\y"<> http://a/é ftp://a foo://a http://a/..;/x http://a/.%2e/',
    ].flatMap((line) => line.split(" "));
    for (const url of kept) equal(Response.redirect(url).headers.get("location"), url);
    const changed = {
      "http://A/b/../c d": "http://a/c d",
      "HTTP://a?b c": "http://a?b c",
      "http://a/%7e%zz/../b/%2e": "http://a/b/%2e",
      "http://a/.../..": "http://a/",
    };
    for (const [url, location] of Object.entries(changed)) {
      equal(Response.redirect(url).headers.get("location"), location);
    }
    for (const url of [
      "foo",
      "/x",
      "http:a",
      "data:,x",
      "http://ü/",
      "http://A%42/",
      "",
      "foo\n",
    ]) {
      throws(() => Response.redirect(url), "TypeError", `Unable to parse URL: ${url}`);
    }
    throws(
      () => Response.redirect("http://a/\r\n"),
      "TypeError",
      "Redirect URL cannot contain '\\r', '\\n', or '\\0': http://a/\r\n",
    );
    throws(
      () => Response.redirect("foo", 5),
      "RangeError",
      "5 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.",
    );
  },
);

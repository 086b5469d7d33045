import { behaviour, check, equal, throws } from "../harness.js";

/* 3: Headers; 1.1, 1.2: arguments, `this`, iterators */

const ILLEGAL =
  "Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";
const missing = (method, position, type = "string", name = "Headers") =>
  `Failed to execute '${method}' on '${name}': parameter ${position} is not of type '${type}'.`;

behaviour("3", "an absent argument is refused, an undefined one is text", () => {
  const headers = new Headers();
  throws(() => headers.set(""), "TypeError", missing("set", 2));
  throws(() => headers.set("a"), "TypeError", missing("set", 2));
  throws(() => headers.append("a"), "TypeError", missing("append", 2));
  for (const method of ["set", "append", "get", "has", "delete", "getAll"]) {
    throws(() => headers[method](), "TypeError", missing(method, 1));
  }
  throws(() => headers.forEach(), "TypeError", missing("forEach", 1, "function"));
  throws(() => headers.forEach(5), "TypeError", missing("forEach", 1, "function"));
  headers.set("u", undefined);
  headers.set(5, null);
  equal([headers.get("u"), headers.get("5")], ["undefined", "null"]);
  const symbol = "Cannot convert a Symbol value to a string";
  throws(() => headers.set(Symbol("s"), "x"), "TypeError", symbol);
  throws(() => headers.set("s", Symbol("x")), "TypeError", symbol);
});

behaviour("3", "names may be empty or beyond ASCII, but hold no separators", () => {
  const headers = new Headers();
  headers.set("", "empty");
  headers.set("Ä", "é日");
  equal([headers.get(""), headers.get("Ä"), headers.get("ä")], ["empty", "é日", null]);
  for (const character of ['"', ..."(),/:;<=>?@[\\]{} \t\n\r\0\x7f"]) {
    throws(() => headers.set(`a${character}`, "v"), "TypeError", "Invalid header name.");
  }
});

behaviour("3", "values are trimmed and hold no line breaks", () => {
  const headers = new Headers([["t", " \t\r\n v \r\n"]]);
  equal(headers.get("t"), "v");
  headers.set("t", "\x0bv\x0c");
  equal(headers.get("t"), "\x0bv\x0c");
  for (const character of "\0\r\n") {
    throws(() => headers.set("a", `x${character}y`), "TypeError", "Invalid header value.");
  }
});

behaviour("3", "the constructor takes objects, pairs and Headers, nothing else", () => {
  const text =
    "Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.";
  for (const init of [null, 5, "x", 1n]) throws(() => new Headers(init), "TypeError", text);
  for (const pair of [["a"], ["a", "b", "c"]]) {
    throws(
      () => new Headers([pair]),
      "TypeError",
      "To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.",
    );
  }
  for (const inner of ["ab", 5]) {
    const sequence = "Incorrect type: the provided value is not of type 'Sequence'.";
    throws(() => new Headers([inner]), "TypeError", sequence);
  }
  equal(
    [...new Headers({ a: 1, b: undefined, c: null })],
    [
      ["a", "1"],
      ["b", "undefined"],
      ["c", "null"],
    ],
  );
  equal([...new Headers([["a", undefined]])], [["a", "undefined"]]);
  equal([...new Headers(new Map([["a", "b"]]))], [["a", "b"]]);
  const copied = new Headers({ a: "1" });
  copied[Symbol.iterator] = function* () {
    yield ["z", "z"];
  };
  equal([...new Headers(copied)], [["a", "1"]]);
});

behaviour("1.2", "iterators are of classes of their own and see no later changes", () => {
  const headers = new Headers({ a: "1", b: "2" });
  const seen = [];
  for (const [key] of headers) {
    seen.push(key);
    headers.set("c", "3");
    headers.delete("b");
  }
  equal(seen, ["a", "b"]);
  equal(headers.keys().next(), { done: false, value: "a" });
  const Base = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
  for (const [iterator, name] of [
    [headers.entries(), "EntryIterator"],
    [headers[Symbol.iterator](), "EntryIterator"],
    [headers.keys(), "KeyIterator"],
    [headers.values(), "ValueIterator"],
    [new FormData().entries(), "EntryIterator"],
  ]) {
    equal(iterator.constructor.name, name);
    check(Object.getPrototypeOf(Object.getPrototypeOf(iterator)) === Base, "an iterator");
    throws(() => iterator.next.call({}), "TypeError", ILLEGAL);
  }
});

behaviour("6.5", "iterators of FormData see what is added and deleted", () => {
  const form = new FormData();
  for (const name of ["a", "b", "c"]) form.append(name, name);
  const seen = [];
  for (const name of form.keys()) {
    seen.push(name);
    if (name === "a") {
      form.delete("b");
      form.append("d", "d");
    }
  }
  equal(seen, ["a", "c", "d"]);
});

behaviour("1.1", "members refuse another this, at once also where they return promises", () => {
  const call = (prototype, name) => prototype[name].call({});
  const get = (prototype, name) => Object.getOwnPropertyDescriptor(prototype, name).get.call({});
  for (const action of [
    () => call(Headers.prototype, "get"),
    () => call(Headers.prototype, Symbol.iterator),
    () => call(Response.prototype, "text"),
    () => call(Response.prototype, "clone"),
    () => call(FormData.prototype, "get"),
    () => call(Blob.prototype, "text"),
    () => call(WebSocket.prototype, "send"),
    () => get(Request.prototype, "url"),
    () => get(Response.prototype, "status"),
    () => get(Blob.prototype, "size"),
    () => get(File.prototype, "name"),
    () => Request.prototype.method,
    () => new Proxy(new Headers(), {}).get("a"),
    () => Object.create(new Headers()).get("a"),
  ]) {
    throws(action, "TypeError", ILLEGAL);
  }
});

behaviour("1.1", "waitUntil and the like cannot be torn off", ({ ctx }) => {
  const { waitUntil, passThroughOnException } = ctx;
  throws(() => waitUntil(1), "TypeError", ILLEGAL);
  throws(() => passThroughOnException(), "TypeError", ILLEGAL);
});

behaviour("1.2", "members come in production's order", () => {
  const listed = (value) => {
    const names = [];
    for (const name in value) names.push(name);
    return names.join(" ");
  };
  equal(
    listed(new Response()).replace(" cf type", " type"),
    "clone status statusText headers ok redirected url webSocket type body bodyUsed arrayBuffer bytes text json formData blob",
  );
  equal(
    listed(new Headers()),
    "get getAll getSetCookie has set append delete forEach entries keys values",
  );
  equal(Object.keys(new Response()), []);
});

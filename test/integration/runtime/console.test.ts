/** What values print as: texts that the real runtime printed (spec/platform.md 19.1). */
import { expect, test } from "vitest";
import { TestHost } from "./harness.ts";

async function print(expressions: readonly string[]): Promise<string[]> {
  await using host = new TestHost();
  const calls = expressions.map((expression) => `console.log(${expression});`);
  const code = `import { AsyncLocalStorage } from "node:async_hooks";
    const storage = new AsyncLocalStorage();
    const cookies = new Headers([["b", "2"], ["a", "1"], ["set-cookie", "x=1"], ["set-cookie", "y=2"]]);
    const form = () => { const form = new FormData(); form.append("a", "1");
      form.append("b", new File(["x"], "n", { lastModified: 5 })); return form; };
    const rejected = Promise.reject("no"); rejected.catch(() => {});
    const marked = Promise.resolve(1); marked.x = 1; marked[Symbol("u")] = 2;
    export default { fetch(request, env, ctx) {
      return storage.run(new Map(), () => { ${calls.join("\n")} return new Response(); });
    } };`;
  const worker = await host.start({ code, spec: { compatibilityFlags: ["nodejs_compat"] } });
  const answer = await worker.fetch("/");
  if (answer.failure !== undefined) throw new Error(answer.failure.stack);
  return worker.logs.map(({ text }) => text);
}

const COOKIES = `Headers(4) {
  'a' => '1',
  'b' => '2',
  'set-cookie' => 'x=1',
  'set-cookie' => 'y=2',
  [immutable]: false
}`;
const SOCKET = `WebSocket {
    readyState: 1,
    bufferedAmount: 0,
    url: null,
    protocol: '',
    extensions: '',
    binaryType: 'blob'
  }`;
const RESPONSE = `Response {
  status: 201,
  statusText: '',
  headers: Headers(1) {
    'content-type' => 'text/plain;charset=UTF-8',
    [immutable]: false
  },
  ok: true,
  redirected: false,
  url: '',
  webSocket: null,
  cf: undefined,
  type: 'default',
  body: ReadableStream {
    locked: false,
    [state]: 'readable',
    [supportsBYOB]: true,
    [length]: 1n
  },
  bodyUsed: false
}`;
const REQUEST = `Request {
  method: 'POST',
  url: 'http://a/b?c',
  headers: Headers(2) {
    'a' => 'b',
    'content-type' => 'text/plain;charset=UTF-8',
    [immutable]: false
  },
  redirect: 'follow',
  fetcher: null,
  signal: AbortSignal { aborted: false, reason: undefined, onabort: null },
  cf: undefined,
  integrity: '',
  keepalive: false,
  cache: undefined,
  body: null,
  bodyUsed: false
}`;
const URL_TEXT = `URL {
  origin: 'http://a:81',
  href: 'http://u:p@a:81/b?c=d#e',
  protocol: 'http:',
  username: 'u',
  password: 'p',
  host: 'a:81',
  hostname: 'a',
  port: '81',
  pathname: '/b',
  search: '?c=d',
  hash: '#e',
  searchParams: URLSearchParams(1) { 'c' => 'd' }
}`;

const CASES: readonly (readonly [expression: string, text: string])[] = [
  ["Promise.resolve(5), new Promise(() => {})", "Promise { 5 } Promise { <pending> }"],
  ["rejected", "Promise { <rejected> 'no' }"],
  ["marked", "Promise { 1, x: 1, Symbol(u): 2 }"],
  ["{ a: { b: { c: Promise.resolve(1) } } }", "{ a: { b: { c: [Promise] } } }"],
  ["[Promise.resolve(1)], { p: Promise.resolve(1) }", "[ Promise { 1 } ] { p: Promise { 1 } }"],
  ["new Map([[1, Promise.resolve(2)]])", "Map(1) { 1 => Promise { 2 } }"],
  ["new Set([Promise.resolve(2)])", "Set(1) { Promise { 2 } }"],
  ["cookies", COOKIES],
  ["{ h: { i: { j: cookies } } }", "{ h: { i: { j: [Headers] } } }"],
  [
    "new Headers(), Response.redirect('http://a/').headers",
    "Headers(0) { [immutable]: false } Headers(1) { 'location' => 'http://a/', [immutable]: true }",
  ],
  ["new (class Own extends Headers {})({ a: 'b' })", "Own(1) { 'a' => 'b', [immutable]: false }"],
  ["new WebSocketPair()", `WebSocketPair {\n  '0': ${SOCKET},\n  '1': ${SOCKET}\n}`],
  [
    "ctx",
    `ExecutionContext {
  tracing: Tracing {},
  access: undefined,
  cache: undefined,
  props: {},
  exports: { default: LoopbackServiceStub {} }
}`,
  ],
  ["new Response('x', { status: 201 })", RESPONSE],
  [
    "new Request('http://a/b?c', { method: 'POST', headers: { a: 'b', 'content-type': 'text/plain;charset=UTF-8' } })",
    REQUEST,
  ],
  ["new Blob(['abc'], { type: 'a/b' })", "Blob { size: 3, type: 'a/b' }"],
  [
    "new File(['x'], 'n', { lastModified: 5 })",
    "File { name: 'n', lastModified: 5, size: 1, type: '' }",
  ],
  [
    "form(), new FormData()",
    "FormData(2) {\n  'a' => '1',\n  'b' => File { name: 'n', lastModified: 5, size: 1, type: '' }\n} FormData(0) {}",
  ],
  ["new URL('http://u:p@a:81/b?c=d#e')", URL_TEXT],
  ["new URLSearchParams('a=1&b=2')", "URLSearchParams(2) { 'a' => '1', 'b' => '2' }"],
  ["AbortSignal.abort('r')", "AbortSignal { aborted: true, reason: 'r', onabort: null }"],
  ["new TextEncoder()", "TextEncoder { encoding: 'utf-8' }"],
  ["new EventTarget()", "EventTarget {}"],
  [
    "{ [Symbol('k')]: 1, [Symbol.iterator]: 2, s: Symbol('v') }",
    "{ s: Symbol(v), Symbol(k): 1, Symbol(Symbol.iterator): 2 }",
  ],
  [
    "new Proxy({ q: 1 }, {}), new Proxy(function f() {}, {})",
    "Proxy({ q: 1 }) Proxy([Function: f])",
  ],
  ["Object.create(Response.prototype)", "Response {}"],
];

test("values print as production prints them", async () => {
  const printed = await print(CASES.map(([expression]) => expression));
  expect(CASES.map(([expression], at) => [expression, printed[at]])).toEqual(CASES);
});

test("nothing of the host is printed for what a handler is given", async () => {
  const printed = await print(["request, env, ctx", "Promise.resolve(request).then((r) => r)"]);
  expect(printed.join("\n")).not.toMatch(/Invocation|async_id|kResourceStore|node:/);
});

/*
 * What a Worker sees otherwise than in production, in all of SETS: by name as in workers/surface.js, what surface.test.ts
 * says of it, and why. docs/parity.md has the same in words.
 */

/** @typedef {{ name: string, says: string, why: string, nodes?: readonly number[] }} Difference */

const V8_20 = "V8 of Node 20 is older; what can be added in JavaScript is (isolate/language)";
const NEWER = "newer than V8 of Node 24 and 26";

/** @type {readonly Difference[]} */
const DIFFERENCES = [
  { name: "Atomics", says: "missing pause", nodes: [20], why: V8_20 },
  {
    name: "AsyncDisposableStack prototype",
    says: "missing adopt defer disposed",
    nodes: [20],
    why: "on the base class of the polyfill",
  },
  {
    name: "DisposableStack prototype",
    says: "missing adopt defer disposed",
    nodes: [20],
    why: "on the base class of the polyfill",
  },
  { name: "DataView prototype", says: "missing getFloat16 setFloat16", nodes: [20], why: V8_20 },
  { name: "Float16Array prototype", says: "missing", nodes: [20], why: V8_20 },
  { name: "Float16Array statics", says: "missing", nodes: [20], why: V8_20 },
  { name: "scope 0", says: "missing Float16Array/3", nodes: [20], why: V8_20 },
  { name: "Intl", says: "missing DurationFormat v8BreakIterator", nodes: [20], why: V8_20 },
  { name: "Iterator prototype", says: "missing @@dispose includes join", nodes: [20], why: V8_20 },
  { name: "Iterator statics", says: "missing concat zip zipKeyed", nodes: [20], why: V8_20 },
  { name: "JSON", says: "missing isRawJSON rawJSON", nodes: [20], why: V8_20 },
  { name: "Math", says: "missing f16round sumPrecise", nodes: [20], why: V8_20 },
  {
    name: "SuppressedError prototype",
    says: "missing message",
    nodes: [20],
    why: "inherited from Error in the polyfill",
  },
  {
    name: "WebAssembly",
    says: "missing JSTag SuspendError Suspending promising",
    nodes: [20],
    why: V8_20,
  },
  {
    name: "Intl",
    says: "missing v8BreakIterator",
    nodes: [22, 24, 26],
    why: "a flag of V8 that Node does not set",
  },
  { name: "Iterator prototype", says: "missing includes join", nodes: [22, 24, 26], why: NEWER },
  { name: "Iterator statics", says: "missing concat zip zipKeyed", nodes: [22, 24], why: NEWER },
  { name: "Iterator statics", says: "missing zip zipKeyed", nodes: [26], why: NEWER },
  { name: "Math", says: "missing sumPrecise", nodes: [22, 24, 26], why: NEWER },
  {
    name: "Date prototype",
    says: "extra toTemporalInstant",
    nodes: [26],
    why: "V8 of Node 26 has Temporal",
  },
  {
    name: "scope 0",
    says: "another order",
    nodes: [22, 24, 26],
    why: "of the language's own globals, by the age of V8",
  },
  {
    name: "CryptoKey statics",
    says: "extra @@hasInstance/1",
    why: "keys are Node's, by which its own code knows them",
  },
  {
    name: "Error statics",
    says: "extra prepareStackTrace",
    why: "maps stacks to sources; a Worker's own function takes its place",
  },
  {
    name: "console own",
    says: "extra createTask/0 e",
    why: "there under wrangler, whose runtime has an inspector",
  },
  {
    name: "ctx for in",
    says: "missing mapVirtualHost",
    why: "undocumented; no config of wrangler leads to it",
  },
];

/**
 * What surface.test.ts may find.
 *
 * @param {number} node the major version
 * @returns {Record<string, string>}
 */
export function accepted(node) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const { name, says, nodes } of DIFFERENCES) {
    if (nodes === undefined || nodes.includes(node)) found[name] = says;
  }
  return found;
}

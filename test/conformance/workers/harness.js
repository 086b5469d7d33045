/*
 * Runs inside a Worker, ours or the real one: cases register here by name and are run one per
 * request. Nothing in here knows which runtime, topology or transport it is on.
 */

/** @typedef {{ env: any, ctx: any, request: Request, peer: any }} Scene `peer` is the binding to the callee's default entrypoint */
/** @type {Map<string, { section: string, run: (scene: Scene) => unknown, options: CaseOptions }>} */
const cases = new Map();

/**
 * @typedef {object} CaseOptions
 * @property {readonly string[]} [not] where the behaviour does not exist: a topology, "drover",
 *   "workerd" or "workerd/<topology>", the last three explained in docs/parity.md
 * @property {string} [date] only with that set of compatibility flags ("modern", "legacy"); default
 *   each
 * @property {readonly string[]} [dates] the same for several ("newest", "2025", "2024")
 */

/**
 * @param {string} section of spec/rpc.md, e.g. "2.1"; in platform/ of spec/platform.md
 * @param {string} title the behaviour, as a sentence
 * @param {(scene: Scene) => unknown} run throws when the behaviour is not there
 * @param {CaseOptions} [options]
 */
export function behaviour(section, title, run, options = {}) {
  const name = `${section} ${title}`;
  if (cases.has(name)) throw new Error(`two cases are called "${name}"`);
  cases.set(name, { section, run, options });
}

/** @type {Map<string, (scene: Scene & { param: string | null }) => unknown>} */
const scenes = new Map();

/**
 * Register a part of a case that runs in an invocation of its own; `inOwnInvocation` starts it.
 * @param {string} name
 * @param {(scene: Scene & { param: string | null }) => unknown} run
 */
export function scene(name, run) {
  if (scenes.has(name)) throw new Error(`two scenes are called "${name}"`);
  scenes.set(name, run);
}

/**
 * Run a scene in another invocation of this Worker, which ends when its result is there.
 * @param {any} env
 * @param {string} name
 * @param {string} [param]
 * @param {RequestInit} [init]
 */
export async function inOwnInvocation(env, name, param = "", init = {}) {
  const url = `http://self/scene?name=${encodeURIComponent(name)}&param=${encodeURIComponent(param)}`;
  const response = await env.SELF.fetch(url, init);
  const { ok, error, value } = await response.json();
  if (!ok) throw new Mismatch(`scene "${name}": ${error}`);
  return value;
}

async function runScene(url, scene) {
  try {
    const run = scenes.get(url.searchParams.get("name") ?? "");
    const value = await run({ ...scene, param: url.searchParams.get("param") });
    return value instanceof Response ? value : Response.json({ ok: true, value });
  } catch (error) {
    return Response.json({ ok: false, error: describe(error) });
  }
}

/** The fetch handler of a Worker that holds cases: GET /cases lists, GET /run?case=NAME runs one. */
export async function serveCases(request, env, ctx) {
  const url = new URL(request.url);
  if (url.pathname === "/scene") return runScene(url, { env, ctx, request, peer: env.PEER });
  if (url.pathname === "/cases") {
    return Response.json([...cases].map(([name, { options }]) => ({ name, options })));
  }
  const found = cases.get(url.searchParams.get("case") ?? "");
  if (!found) return new Response("no such case", { status: 404 });
  try {
    const note = await found.run({ env, ctx, request, peer: env.PEER });
    return Response.json({ ok: true, note });
  } catch (error) {
    return Response.json({ ok: false, error: describe(error) });
  }
}

export function describe(error) {
  if (!(error instanceof Error)) return `threw ${show(error)}`;
  return error instanceof Mismatch
    ? error.message
    : `${error.name}: ${error.message}\n${error.stack}`;
}

/** Resolves after some turns of the event loop and `ms` milliseconds, for what must not happen. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class Mismatch extends Error {}

function show(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return `[function ${value.name}]`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return `Date(${Number(value)})`;
  if (value instanceof Map) return `Map(${[...value].map((pair) => pair.map(show).join(" => "))})`;
  if (value instanceof Set) return `Set(${[...value].map(show)})`;
  if (Array.isArray(value)) return `[${Array.from(value, show).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value})`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${key}: ${show(entry)}`)
    .join(", ")}}`;
}

/** Same text when shown: deep, distinguishes -0, undefined, bigint, Date, Map, Set. */
export function equal(actual, expected, what = "value") {
  if (show(actual) !== show(expected)) {
    throw new Mismatch(`${what}: expected ${show(expected)}, got ${show(actual)}`);
  }
}

export function check(condition, what) {
  if (!condition) throw new Mismatch(what);
}

/**
 * `action` must reject (not throw synchronously) with this kind of error and this exact message.
 * @returns the error
 */
export async function rejects(action, name, message) {
  let promise;
  try {
    promise = action();
  } catch (error) {
    throw new Mismatch(`threw synchronously: ${describe(error)}`);
  }
  let value;
  try {
    value = await promise;
  } catch (error) {
    equal(error?.name, name, "error name");
    if (message instanceof RegExp)
      check(
        message.test(error.message),
        `error message ${show(error.message)} does not match ${message}`,
      );
    else equal(error?.message, message, "error message");
    return error;
  }
  throw new Mismatch(`expected ${name}: ${message}; resolved with ${show(value)}`);
}

export function throws(action, name, message) {
  let value;
  try {
    value = action();
  } catch (error) {
    equal(error?.name, name, "error name");
    if (message instanceof RegExp) check(message.test(error.message), show(error.message));
    else equal(error?.message, message, "error message");
    return error;
  }
  throw new Mismatch(`expected ${name}: ${message}; returned ${show(value)}`);
}

/** Poll a condition that another invocation brings about (a disposer, an abort); no fixed sleeps. */
export async function eventually(read, expected, what) {
  const deadline = Date.now() + 5000;
  let value = await read();
  while (show(value) !== show(expected) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    value = await read();
  }
  equal(value, expected, what);
}

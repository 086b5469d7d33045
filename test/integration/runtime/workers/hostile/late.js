/*
 * A Worker that replaces intrinsics first, and only then asks for modules: what makes them runs when its wrappers
 * are there. Reports each object and function of Node that passed. `MODULES`, `NODE` (module -> names of its
 * members) and `LOOKUP` (source of Node's own look-up of modules) are put in front by the test.
 */
const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { hasOwn } = Object;
const sourceOf = Function.prototype.toString;
const entries = Object.entries(NODE);
const found = [];
let isBusy = false;
let asked = "";

function note(value, how) {
  if (isBusy || value === null || (typeof value !== "object" && typeof value !== "function"))
    return;
  isBusy = true;
  const name = nameOf(value);
  if (name !== undefined) found[found.length] = `${name}: ${how}, ${asked}`;
  isBusy = false;
}

function nameOf(value) {
  if (typeof value === "function" && apply(sourceOf, value, []) === LOOKUP) return "look-up";
  for (let i = 0; i < entries.length; i += 1) {
    const names = entries[i][1];
    let at = 0;
    while (at < names.length && hasOwn(value, names[at])) at += 1;
    if (at === names.length) return entries[i][0];
  }
  return undefined;
}

function wrap(owner, label, key) {
  const descriptor = getOwnPropertyDescriptor(owner, key);
  const original = descriptor.value;
  if (typeof original !== "function" || key === "constructor" || !descriptor.configurable) return 0;
  const how = `${label}.${String(key)}`;
  const value = function (...args) {
    note(this, `${how} this`);
    for (let i = 0; i < args.length; i += 1) note(args[i], `${how} argument`);
    const result =
      new.target === undefined
        ? apply(original, this, args)
        : construct(original, args, new.target);
    note(result, `${how} result`);
    return result;
  };
  defineProperty(owner, key, { ...descriptor, value });
  return 1;
}

const NAMES = "Array Function Map Object Promise Reflect Set String WeakMap WeakSet".split(" ");
let patched = 0;
for (const name of NAMES) {
  const global = globalThis[name];
  for (const [label, owner] of [
    [name, global],
    [`${name}.prototype`, global.prototype],
  ]) {
    if (owner === undefined) continue;
    for (const key of ownKeys(owner)) patched += wrap(owner, label, key);
  }
}

export default {
  async fetch() {
    const imported = [];
    for (let i = 0; i < MODULES.length; i += 1) {
      asked = MODULES[i];
      try {
        imported[imported.length] = await import(asked);
      } catch {
        // Refused, as in production.
      }
    }
    isBusy = true;
    return Response.json({ patched, imported: imported.length, found });
  },
};

/**
 * What modules that are evaluated late (scripts/late-groups.js) must have from before user code ran, which may replace or
 * has lost it: taken while the thread boots, by whoever imports this from a module that is evaluated then. In any thread.
 */
export const apply: typeof Reflect.apply = Reflect.apply;
export const construct: typeof Reflect.construct = Reflect.construct;
/** For objects of Node that user code must not see as an argument. */
export const get: typeof Reflect.get = Reflect.get;
export const ownNames: typeof Object.getOwnPropertyNames = Object.getOwnPropertyNames;

/** Node's modules by name, and native ones by path; isolate/own-world.ts removes both from `process`. */
export const builtinModule: typeof process.getBuiltinModule =
  process.getBuiltinModule.bind(process);
export const dlopen: typeof process.dlopen = process.dlopen.bind(process);

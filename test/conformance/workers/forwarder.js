import { WorkerEntrypoint } from "cloudflare:workers";

/*
 * A Worker between caller and callee: every entrypoint is a Proxy that hands each method on to the
 * binding behind it (spec/rpc.md 12.9).
 */
const forwardTo = (binding) =>
  class extends WorkerEntrypoint {
    constructor(ctx, env) {
      super(ctx, env);
      // biome-ignore lint/correctness/noConstructorReturn: that is how proxy entrypoints are written
      return new Proxy(this, {
        get: (target, key) =>
          typeof key !== "string" || key in target ? Reflect.get(target, key) : env[binding][key],
      });
    }

    fetch(request) {
      return this.env[binding].fetch(request);
    }
  };

export default forwardTo("PEER");
export const Handlers = forwardTo("HANDLERS");
export const NoFetch = forwardTo("NO_FETCH");
export const BadConstructor = forwardTo("BAD_CONSTRUCTOR");
export const Fetcher = forwardTo("FETCHER");
export const Inheriting = forwardTo("INHERITING");

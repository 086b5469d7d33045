import { WorkerEntrypoint, WorkflowEntrypoint } from "cloudflare:workers";

/** An entrypoint of the Worker that holds the cases, for ctx.exports. */
export class Holder extends WorkerEntrypoint {
  #count = 0;

  hello() {
    return "hello from the holder";
  }

  count() {
    this.#count += 1;
    return this.#count;
  }

  props() {
    return this.ctx.props;
  }

  async innerProps() {
    return await this.ctx.props.inner.props();
  }

  async callInner(a, b) {
    return await this.ctx.props.inner.add(a, b);
  }
}

/** A handler object as an export. */
export const helpers = {
  props(_arg, _env, ctx) {
    return ctx.props;
  },
};

/** An export that is no entrypoint. */
export class Flow extends WorkflowEntrypoint {}

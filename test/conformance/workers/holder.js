import { restore, WorkerEntrypoint, WorkflowEntrypoint } from "cloudflare:workers";

/** This Worker's memory: what one invocation keeps for another. */
export const kept = {};

/** An entrypoint of the Worker that holds the cases, for ctx.exports. */
export class Holder extends WorkerEntrypoint {
  #count = 0;

  hello() {
    return "hello from the holder";
  }

  restore(value) {
    return `restored ${value}`;
  }

  [restore]() {
    return "not for callers";
  }

  restoreOfContext() {
    return typeof this.ctx.restore;
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

  async keepInnerAndCall(a, b) {
    kept.service = this.ctx.props.inner;
    kept.deep = this.ctx.props.deep.inner;
    return await kept.service.add(a, b);
  }

  async keepAndCall(service, a, b) {
    kept.service = service;
    return await service.add(a, b);
  }

  giveKept() {
    return kept.service;
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

import { WorkerEntrypoint } from "cloudflare:workers";

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

  async callInner(a, b) {
    return await this.ctx.props.inner.add(a, b);
  }
}

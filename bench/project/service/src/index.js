import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Step extends RpcTarget {
  next() {
    return new Step();
  }
  value() {
    return 42;
  }
}

export default class extends WorkerEntrypoint {
  fetch() {
    return new Response("hello from the service");
  }
  add(a, b) {
    return a + b;
  }
  echo(value) {
    return value;
  }
  step() {
    return new Step();
  }
  async callBack(callback, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await callback(i);
    return sum;
  }
  stream(bytes) {
    const chunk = new Uint8Array(65536);
    let left = bytes;
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (left <= 0) return controller.close();
        const size = Math.min(left, chunk.length);
        left -= size;
        controller.enqueue(chunk.slice(0, size));
      },
    });
  }
  async chain(depth) {
    return depth <= 1 ? 1 : 1 + (await this.env.CHAIN.chain(depth - 1));
  }
}

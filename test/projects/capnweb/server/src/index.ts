import { WorkerEntrypoint } from "cloudflare:workers";
import { newWorkersRpcResponse, RpcTarget } from "capnweb";

type Callback<T> = ((value: T) => Promise<unknown>) & { dup(): Callback<T> };

class User extends RpcTarget {
  #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  get name() {
    return this.#name;
  }
  friends() {
    return ["ada", "grace"].filter((name) => name !== this.#name);
  }
  async onGreeting(callback: Callback<string>) {
    return `heard ${await callback(`hello from ${this.#name}`)}`;
  }
}

export class Api extends RpcTarget {
  user(name: string) {
    if (name === "") throw new RangeError("no name");
    return new User(name);
  }
  add(a: number, b: number) {
    return a + b;
  }
  names() {
    return ["ada", "grace", "edith"];
  }
  echo(value: unknown) {
    return value;
  }
  async count(callback: Callback<number>) {
    for (let at = 1; at <= 3; at++) await callback(at);
    return "counted";
  }
  async lengths(stream: ReadableStream<string>) {
    const lengths: number[] = [];
    for await (const text of stream) lengths.push(text.length);
    return lengths;
  }
  letters(text: string) {
    return new ReadableStream({
      start(controller) {
        for (const letter of text) controller.enqueue(letter);
        controller.close();
      },
    });
  }
}

/** The same by the runtime's own RPC: capnweb's RpcTarget is the built-in one. */
export class Native extends WorkerEntrypoint {
  api() {
    return new Api();
  }
}

export default {
  fetch(request: Request): Promise<Response> {
    return newWorkersRpcResponse(request, new Api());
  },
};

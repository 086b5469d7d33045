/** What `state.setWebSocketAutoResponse` takes: a request and its answer, which wake nobody. */
import { defineInterface } from "../interfaces/define-interface.ts";

let isAutoPair: (value: object) => boolean;

export class WebSocketRequestResponsePair {
  readonly #request: string;
  readonly #response: string;
  constructor(...args: readonly unknown[]) {
    if (args.length < 2) {
      throw new TypeError(
        `Failed to construct 'WebSocketRequestResponsePair': constructor parameter ${args.length + 1} is not of type 'string'.`,
      );
    }
    this.#request = String(args[0]);
    this.#response = String(args[1]);
  }
  static {
    isAutoPair = (value) => #request in value;
  }
  get request(): string {
    return this.#request;
  }
  get response(): string {
    return this.#response;
  }
}
defineInterface(WebSocketRequestResponsePair, "WebSocketRequestResponsePair", {
  brand: isAutoPair,
});

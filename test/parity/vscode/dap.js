/* A client of the Debug Adapter Protocol, as an editor is one: requests, events, and the adapter's own requests. */
import { once } from "node:events";
import { connect } from "node:net";

const PATIENCE_MS = 20_000;
const INITIALIZE = {
  adapterID: "drover",
  pathFormat: "path",
  linesStartAt1: true,
  columnsStartAt1: true,
  supportsStartDebuggingRequest: true,
};

export class DapClient {
  #seq = 0;
  #received = Buffer.alloc(0);
  /** @type {Map<number, { resolve: (body: any) => void, reject: (error: Error) => void }>} */
  #open = new Map();
  /** @type {{ event: string, body: any }[]} */
  #events = [];
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {(configuration: any) => void} */
  onStartDebugging = () => {};

  /** @param {import("node:net").Socket} socket */
  constructor(socket) {
    this.socket = socket.on("data", (chunk) => this.#read(chunk));
  }

  /** @param {number} port of the adapter */
  static async connect(port) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const client = new DapClient(socket);
    await client.request("initialize", INITIALIZE);
    return client;
  }

  /**
   * @param {string} command
   * @param {object} args
   * @returns {Promise<any>}
   */
  request(command, args = {}) {
    return new Promise((resolve, reject) => {
      this.#seq += 1;
      this.#open.set(this.#seq, { resolve, reject });
      this.#send({ seq: this.#seq, type: "request", command, arguments: args });
    });
  }

  /**
   * The first event that fits, now or later; it is given once.
   * @param {string} event
   * @param {(body: any) => boolean} fits
   * @returns {Promise<any>}
   */
  waitFor(event, fits = () => true) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no event "${event}"`)), PATIENCE_MS);
      const look = () => {
        const at = this.#events.findIndex((each) => each.event === event && fits(each.body));
        if (at === -1) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(this.#events.splice(at, 1)[0]?.body);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** @param {object} message */
  #send(message) {
    const text = JSON.stringify(message);
    this.socket.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const head = this.#received.indexOf("\r\n\r\n");
      if (head === -1) return;
      const length = Number(
        /Content-Length: (\d+)/.exec(String(this.#received.subarray(0, head)))?.[1],
      );
      const end = head + 4 + length;
      if (this.#received.length < end) return;
      const message = JSON.parse(String(this.#received.subarray(head + 4, end)));
      this.#received = this.#received.subarray(end);
      this.#take(message);
    }
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === "response") {
      const { command, success, body, request_seq: request } = message;
      const open = this.#open.get(request);
      this.#open.delete(request);
      if (success) open?.resolve(body);
      else open?.reject(new Error(`${command}: ${JSON.stringify(body ?? message.message)}`));
    } else if (message.type === "event") {
      this.#events.push(message);
      for (const look of [...this.#watchers]) look();
    } else {
      const { seq, command } = message;
      this.#seq += 1;
      this.#send({ seq: this.#seq, type: "response", request_seq: seq, command, success: true });
      if (command === "startDebugging") this.onStartDebugging(message.arguments);
    }
  }
}

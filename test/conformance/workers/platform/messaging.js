import { behaviour, check, equal, throws } from "../harness.js";

/* 2.7: MessageChannel */

const there = { dates: ["newest", "2025"] };
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

behaviour(
  "2.7",
  "MessageChannel is not there before 2025-08-15",
  () => equal([typeof MessageChannel, typeof MessagePort], ["undefined", "undefined"]),
  { dates: ["2024"] },
);

behaviour(
  "2.7",
  "a listener of either kind begins delivery",
  async () => {
    const seen = [];
    const listening = new MessageChannel();
    listening.port1.postMessage(1);
    listening.port2.addEventListener("message", ({ data }) => seen.push(data));
    const assigned = new MessageChannel();
    assigned.port1.postMessage({ a: new Map([[2, 3]]) });
    assigned.port2.onmessage = ({ data }) => seen.push(data.a.get(2));
    await turn();
    equal(seen, [1, 3]);
    equal(Object.keys(listening), ["port2", "port1"]);
  },
  there,
);

behaviour(
  "2.7",
  "onmessage keeps the place of its first assignment",
  async () => {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port2.onmessage = () => seen.push("replaced");
    port2.addEventListener("message", () => seen.push("listener"));
    port2.onmessage = () => seen.push("handler");
    port1.postMessage();
    await turn();
    equal(seen, ["handler", "listener"]);
    port2.onmessage = 5;
    equal(port2.onmessage, null);
  },
  there,
);

behaviour(
  "2.7",
  "close is heard at both ends, and ends delivery",
  async () => {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port2.onmessage = () => seen.push("message");
    port1.addEventListener("close", () => seen.push("close 1"));
    port2.addEventListener("close", () => seen.push("close 2"));
    port1.close();
    port1.postMessage("late");
    await turn();
    equal(seen, ["close 2", "close 1"]);
  },
  there,
);

behaviour(
  "2.7",
  "transfer lists are refused, also what cannot be cloned",
  () => {
    const { port1 } = new MessageChannel();
    const buffer = new ArrayBuffer(1);
    const text = "Transfer list is not supported";
    throws(() => port1.postMessage(1, [buffer]), "Error", text);
    throws(() => port1.postMessage(1, { transfer: [buffer] }), "Error", text);
    const own = () => {};
    throws(() => port1.postMessage(own), "DataCloneError", `${own} could not be cloned.`);
    throws(
      () => port1.postMessage(1, 5),
      "TypeError",
      "Failed to execute 'postMessage' on 'MessagePort': parameter 2 is not of type 'Array or PostMessageOptions'.",
    );
    throws(() => new MessagePort(), "TypeError", "Illegal constructor");
    check(port1 instanceof EventTarget, "a target");
  },
  there,
);

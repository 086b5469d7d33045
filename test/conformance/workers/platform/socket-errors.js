import { behaviour, equal } from "../harness.js";

/* 11.2: listeners of WebSockets that throw, and connections that end without a close frame */

const NEW = { dates: ["newest"] };
const OLD = { dates: ["2025", "2024"] };
const LOST = "WebSocket disconnected without sending Close frame.";

/** What both ends of a pair hear when a listener of the first one throws, until both are quiet. */
async function play(type, thrown) {
  const seen = [];
  const [left, right] = Object.values(new WebSocketPair());
  const onGlobalError = (event) => {
    seen.push(["global", event.message]);
    event.preventDefault();
  };
  globalThis.addEventListener("error", onGlobalError);
  left.addEventListener(type, () => {
    seen.push(["left", type, left.readyState]);
    throw thrown;
  });
  left.addEventListener(type, () => seen.push(["left", "second"]));
  left.addEventListener("error", ({ message, error }) => {
    if (error?.message === "Network connection lost.") return;
    seen.push(["left", "error", message, error instanceof Error, left.readyState]);
  });
  right.addEventListener("close", ({ code, reason, wasClean }) =>
    seen.push(["right", "close", code, reason, wasClean, right.readyState]),
  );
  left.accept();
  right.accept();
  if (type === "close") right.close(4000, "bye");
  else right.send("x");
  await scheduler.wait(30);
  globalThis.removeEventListener("error", onGlobalError);
  seen.push([left.readyState, right.readyState]);
  return seen;
}

behaviour(
  "11.2",
  "a message listener that throws ends its socket at once, and the other end hears that it is lost",
  async () => {
    equal(await play("message", new RangeError("boom")), [
      ["left", "message", 1],
      ["left", "error", "Uncaught RangeError: boom", true, 3],
      ["right", "close", 1006, LOST, false, 1],
      [3, 2],
    ]);
  },
  OLD,
);

behaviour(
  "11.2",
  "a message listener that throws is reported, and the others run, before its socket ends",
  async () => {
    equal(await play("message", new RangeError("boom")), [
      ["left", "message", 1],
      ["global", "Uncaught RangeError: boom"],
      ["left", "second"],
      ["left", "error", "Uncaught RangeError: boom", true, 3],
      ["right", "close", 1006, LOST, false, 1],
      [3, 2],
    ]);
  },
  NEW,
);

behaviour(
  "11.2",
  "a close listener that throws: the socket gets an error, the other end is lost",
  async () => {
    equal(await play("close", new RangeError("boom")), [
      ["left", "close", 2],
      ["left", "error", "Uncaught RangeError: boom", true, 3],
      ["right", "close", 1006, LOST, false, 2],
      [3, 3],
    ]);
  },
  OLD,
);

behaviour(
  "11.2",
  "a close listener that throws is reported, and changes nothing",
  async () => {
    equal(await play("close", new RangeError("boom")), [
      ["left", "close", 3],
      ["global", "Uncaught RangeError: boom"],
      ["left", "second"],
      ["right", "close", 4000, "bye", true, 3],
      [3, 3],
    ]);
  },
  NEW,
);

behaviour("11.2", "what a listener throws that is no object is shown as an Error", async () => {
  for (const thrown of ["text", null]) {
    const seen = await play("message", thrown);
    const error = seen.find(([, what]) => what === "error");
    equal(error, ["left", "error", `Uncaught Error: ${thrown}`, true, 3]);
  }
});

behaviour(
  "11.2",
  "an object that a listener throws is shown as an Error",
  async () => {
    const seen = await play("message", { a: 1 });
    const error = seen.find(([, what]) => what === "error");
    equal(error, ["left", "error", "Uncaught Error: #<Object>", true, 3]);
  },
  OLD,
);

behaviour(
  "11.2",
  "an object that a listener throws is shown as it is",
  async () => {
    const seen = await play("message", { a: 1 });
    const error = seen.find(([, what]) => what === "error");
    equal(error, ["left", "error", "Uncaught #<Object>", false, 3]);
  },
  NEW,
);

behaviour("11.2", "a lost socket takes what is sent, and sends nothing", async () => {
  const [left, right] = Object.values(new WebSocketPair());
  left.addEventListener("message", () => {
    throw new Error("boom");
  });
  globalThis.addEventListener("error", (event) => event.preventDefault(), { once: true });
  const closed = new Promise((resolve) => right.addEventListener("close", resolve));
  left.accept();
  right.accept();
  right.send("x");
  await closed;
  right.send("y");
  right.close(1000, "late");
  left.send("z");
  left.close();
});

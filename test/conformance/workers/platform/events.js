import { behaviour, check, equal, rejects, throws } from "../harness.js";
import { page } from "./pages.js";

/* 2.5: EventTarget; 11.2: listeners of WebSockets that throw; 7.4: failures of fetch */

behaviour("2.5", "listeners are checked", () => {
  const target = new EventTarget();
  const listener = () => {};
  for (const [action, text] of [
    [
      () => target.addEventListener("x", listener, true),
      "addEventListener(): useCapture must be false.",
    ],
    [
      () => target.addEventListener("x", listener, { capture: true }),
      "addEventListener(): options.capture must be false.",
    ],
    [
      () => target.removeEventListener("x", listener, { capture: true }),
      "removeEventListener(): options.capture must be false.",
    ],
    [
      () => target.addEventListener("x", 5),
      "Failed to execute 'addEventListener' on 'EventTarget': parameter 2 is not of type 'function or HandlerObject'.",
    ],
    [
      () => target.addEventListener("x", { handleEvent: 5 }),
      "Incorrect type for the 'handleEvent' field on 'HandlerObject': the provided value is not of type 'function'.",
    ],
    [
      () => target.addEventListener("x", listener, { signal: 5 }),
      "Incorrect type for the 'signal' field on 'AddEventListenerOptions': the provided value is not of type 'AbortSignal'.",
    ],
    [
      () => target.dispatchEvent({}),
      "Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'.",
    ],
  ]) {
    throws(action, "TypeError", text);
  }
  target.addEventListener("x", null);
  target.addEventListener("x", undefined);
});

behaviour("2.5", "the path and the phase of an event are of its dispatch alone", () => {
  const target = new EventTarget();
  const event = new Event("x", { cancelable: true });
  const state = () => [
    event.eventPhase,
    event.composedPath().length,
    event.target === target,
    event.currentTarget === target,
    event.srcElement === target,
    event.isTrusted,
    event.timeStamp,
  ];
  const seen = [];
  target.addEventListener("x", () => seen.push(...state()));
  equal(state(), [0, 0, false, false, false, false, 0]);
  equal(event.target, undefined);
  equal(target.dispatchEvent(event), true);
  equal(seen, [2, 1, true, true, true, false, 0]);
  equal(state(), [0, 0, true, true, true, false, 0]);
  event.preventDefault();
  equal([event.defaultPrevented, event.returnValue], [true, false]);
  const fixed = new Event("x");
  fixed.preventDefault();
  equal([fixed.defaultPrevented, target.dispatchEvent(fixed)], [false, true]);
  equal(Object.keys(event), []);
});

behaviour("2.5", "an event that was stopped before reaches nobody", () => {
  const target = new EventTarget();
  let count = 0;
  target.addEventListener("x", () => count++);
  const stopped = new Event("x");
  stopped.stopImmediatePropagation();
  target.dispatchEvent(stopped);
  equal([count, stopped.cancelBubble], [0, false]);
  const bubbling = new Event("x");
  bubbling.stopPropagation();
  target.dispatchEvent(bubbling);
  equal([count, bubbling.cancelBubble], [1, true]);
});

behaviour("2.5", "what constructors of events say", () => {
  for (const [action, text] of [
    [
      () => new Event(),
      "Failed to construct 'Event': constructor parameter 1 is not of type 'string'.",
    ],
    [
      () => new Event("x", 5),
      "Failed to construct 'Event': constructor parameter 2 is not of type 'Init'.",
    ],
    [
      () => new (class extends CustomEvent {})("x", 5),
      "Failed to construct 'CustomEvent': constructor parameter 2 is not of type 'CustomEventInit'.",
    ],
    [
      () => new CloseEvent("x", 5),
      "Failed to construct 'CloseEvent': constructor parameter 2 is not of type 'Initializer'.",
    ],
    [
      () => new ErrorEvent("x", 5),
      "Failed to construct 'ErrorEvent': constructor parameter 2 is not of type 'ErrorEventInit'.",
    ],
    [
      () => Event("x"),
      "Failed to construct 'Event': Please use the 'new' operator, this object constructor cannot be called as a function.",
    ],
    [
      () => Response("x"),
      "Failed to construct 'Response': Please use the 'new' operator, this object constructor cannot be called as a function.",
    ],
    [() => AbortSignal(), "Illegal constructor"],
    [() => new ExtendableEvent("x"), "Illegal constructor"],
  ]) {
    throws(action, "TypeError", text);
  }
  equal(
    [new CustomEvent("x").detail, new CustomEvent("x", { detail: null }).detail],
    [undefined, null],
  );
});

behaviour("2.5", "a property on<type> of any target is called first", () => {
  const seen = [];
  const target = new (class extends EventTarget {
    onmethod() {
      seen.push("method");
    }
  })();
  target.addEventListener("x", () => seen.push("listener"));
  target.onx = (event) => seen.push(event.type);
  target.onobject = { handleEvent: () => seen.push("object") };
  for (const type of ["x", "method", "object"]) target.dispatchEvent(new Event(type));
  equal(seen, ["x", "listener", "method"]);
});

behaviour("2.5", "handlers of WebSockets are properties", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  one.accept();
  two.accept();
  const seen = [];
  two.addEventListener("message", () => seen.push("listener"));
  two.onmessage = ({ data, isTrusted }) => seen.push(data, isTrusted);
  const closed = new Promise((resolve) => {
    two.onclose = ({ code }) => resolve(code);
  });
  one.send("hi");
  one.close(4000, "why");
  equal(await closed, 4000);
  equal(seen, ["hi", true, "listener"]);
});

behaviour("2.6", "an abort is a trusted event, with onabort in the place of its assignment", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const seen = [];
  signal.addEventListener("abort", () => seen.push("listener"));
  signal.onabort = ({ isTrusted, type }) => seen.push(isTrusted, type);
  signal.addEventListener("abort", () => seen.push("last"));
  controller.abort();
  controller.abort("again");
  equal(seen, ["listener", true, "abort", "last"]);
  equal([signal.reason.name, signal.reason.message], ["AbortError", "The operation was aborted"]);
  signal.onabort = 5;
  equal(signal.onabort, null);
});

behaviour("2.6", "a signal of several fires once, with the first reason", () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const any = AbortSignal.any([one.signal, two.signal]);
  const nested = AbortSignal.any([any]);
  let count = 0;
  any.addEventListener("abort", () => count++);
  nested.addEventListener("abort", () => count++);
  two.abort("second");
  one.abort("first");
  equal([any.reason, nested.reason, count], ["second", "second", 2]);
  equal(AbortSignal.any([one.signal, two.signal]).reason, "first");
  equal(AbortSignal.any([]).aborted, false);
  throws(
    () => AbortSignal.any(new Set()),
    "TypeError",
    "Failed to execute 'any' on 'AbortSignal': parameter 1 is not of type 'Array'.",
  );
});

behaviour("4", "a request shows the very signal that it was given", () => {
  const controller = new AbortController();
  const request = new Request("http://x", { signal: controller.signal });
  check(request.signal === controller.signal, "another signal");
  check(request.clone().signal === controller.signal, "another signal of the clone");
});

behaviour("2.5", "a listener runs once a dispatch, and not in the one that added it", () => {
  const target = new EventTarget();
  const seen = [];
  const twice = () => seen.push("twice");
  const removed = () => seen.push("removed");
  target.addEventListener("x", twice);
  target.addEventListener("x", twice);
  const adder = () => target.addEventListener("x", () => seen.push("late"));
  target.addEventListener("x", adder, { once: true });
  target.addEventListener("x", () => target.removeEventListener("x", removed));
  target.addEventListener("x", removed);
  target.dispatchEvent(new Event("x"));
  equal(seen, ["twice"]);
  target.dispatchEvent(new Event("x"));
  equal(seen, ["twice", "twice", "late"]);
});

const thisOf = () => {
  const target = new EventTarget();
  const object = {
    handleEvent() {
      check(this === object, "the object");
    },
  };
  const seen = [];
  target.addEventListener("x", object);
  target.addEventListener("x", function () {
    seen.push(this === target ? "target" : this === globalThis ? "global" : "other");
  });
  target.dispatchEvent(new Event("x"));
  return seen;
};
behaviour("2.5", "this is the target", () => equal(thisOf(), ["target"]), {
  dates: ["newest", "2025"],
});
behaviour("2.5", "this is the global scope before 2025-08-01", () => equal(thisOf(), ["global"]), {
  dates: ["2024"],
});

const throwing = () => {
  const target = new EventTarget();
  const seen = [];
  target.addEventListener("x", () => {
    throw new Error("one");
  });
  target.addEventListener("x", () => seen.push("second"));
  return { seen, dispatch: () => target.dispatchEvent(new Event("x")) };
};
behaviour(
  "2.5",
  "a listener that throws is reported at once and stops nothing",
  () => {
    const { seen, dispatch } = throwing();
    const onError = (event) => {
      seen.push(event.message, event.error.message);
      event.preventDefault();
    };
    addEventListener("error", onError);
    try {
      equal(dispatch(), true);
    } finally {
      removeEventListener("error", onError);
    }
    equal(seen.toSorted(), ["Uncaught Error: one", "one", "second"]);
  },
  { dates: ["newest"] },
);
behaviour(
  "2.5",
  "a listener that throws ends the dispatch before 2026-09-15",
  () => {
    const { seen, dispatch } = throwing();
    throws(dispatch, "Error", "one");
    equal(seen, []);
  },
  { dates: ["2025", "2024"] },
);

behaviour("2.5", "an event cannot be dispatched while it is", () => {
  const target = new EventTarget();
  const event = new Event("x");
  const text = "The event is already being dispatched.";
  target.addEventListener("x", () => {
    const error = throws(() => target.dispatchEvent(event), "InvalidStateError", text);
    equal(error.code, 11);
  });
  target.dispatchEvent(event);
});

page("/socket/throwing", () => {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", ({ data }) => {
    if (data === "throw") throw new RangeError("boom");
    server.send("still there");
  });
  return new Response(null, { status: 101, webSocket: client });
});

behaviour("11.2", "a message listener that throws ends the connection", async (scene) => {
  const init = { headers: { upgrade: "websocket" } };
  for (const answer of [
    await scene.env.SELF.fetch("http://self/socket/throwing", init),
    await fetch(new URL("/socket/throwing", scene.request.url), init),
  ]) {
    const { webSocket } = answer;
    webSocket.accept();
    const message = new Promise((resolve) => {
      webSocket.addEventListener("message", ({ data }) => resolve(data));
    });
    webSocket.send("hello");
    equal(await message, "still there");
    const closed = new Promise((resolve) => webSocket.addEventListener("close", resolve));
    webSocket.send("throw");
    const { code, reason, wasClean } = await closed;
    equal(
      [code, reason, wasClean],
      [1006, "WebSocket disconnected without sending Close frame.", false],
    );
  }
});

behaviour("11.2", "the end whose listener throws gets an error event", async () => {
  const [one, two] = Object.values(new WebSocketPair());
  one.accept();
  two.accept();
  one.addEventListener("message", () => {
    throw new Error("pair boom");
  });
  const error = new Promise((resolve) => one.addEventListener("error", resolve));
  const close = new Promise((resolve) => two.addEventListener("close", resolve));
  two.send("x");
  const event = await error;
  equal([event.message, event.error.message], ["Uncaught Error: pair boom", "pair boom"]);
  equal((await close).code, 1006);
  equal(one.readyState, 3);
});

behaviour("7.4", "fetch to where nobody listens", async () => {
  const error = await rejects(
    () => fetch("http://127.0.0.1:1/"),
    "Error",
    /^Network connection lost\./,
  );
  equal(error.retryable, true);
});

import {
  behaviour,
  check,
  equal,
  eventually,
  inOwnInvocation,
  pause,
  rejects,
  scene,
} from "../harness.js";
import { newKey } from "../targets.js";

const modern = { date: "modern" };
/** The real runtime loses triggers in a Worker that passes signals on. */
const travelling = { date: "modern", not: ["workerd/forwarded"] };
const read = async (peer, key) => [...(await peer.journal(key))];

/* 2.6: signals */

behaviour(
  "2.6",
  "an aborted signal is aborted at once at the other end",
  async ({ peer }) => {
    const result = await peer.aborted(AbortSignal.abort());
    equal([result.aborted, result.reason], [true, "AbortError: The operation was aborted"]);
  },
  modern,
);

behaviour(
  "2.6",
  "a signal that never aborts does not keep the call",
  async ({ peer }) => {
    const result = await peer.aborted(new AbortController().signal);
    equal([result.aborted, result.reason], [false, "undefined"]);
  },
  modern,
);

behaviour(
  "2.6",
  "the reason is a copy, errors and data alike",
  async ({ peer }) => {
    const controller = new AbortController();
    const waiting = peer.abortReason(controller.signal);
    controller.abort(Object.assign(new RangeError("because"), { data: [1] }));
    const reason = await waiting;
    equal([reason.name, reason.message, [...reason.data]], ["RangeError", "because", [1]]);
  },
  travelling,
);

behaviour(
  "2.6",
  "the reason of an aborted signal is part of the message",
  async ({ peer }) => {
    const withFunction = await peer.echo(AbortSignal.abort({ fn: () => "called" }));
    equal(await withFunction.reason.fn(), "called");
    const text = "#<WeakMap> could not be cloned.";
    await rejects(() => peer.echo(AbortSignal.abort(new WeakMap())), "DataCloneError", text);
    class Reason {}
    const refused = () => peer.echo([AbortSignal.abort(new Reason())]);
    await rejects(refused, "DataCloneError", /object of type "Reason"/);
  },
  modern,
);

behaviour(
  "2.6",
  "a reason that comes later is a structured clone",
  async ({ peer }) => {
    class Reason {
      data = 7;
    }
    const controller = new AbortController();
    const waiting = peer.abortReason(controller.signal);
    controller.abort(new Reason());
    equal((await waiting).data, 7);
  },
  travelling,
);

behaviour(
  "2.6",
  "aborting without reason gives an AbortError",
  async ({ peer }) => {
    const controller = new AbortController();
    const waiting = peer.abortReason(controller.signal);
    controller.abort();
    equal((await waiting).name, "AbortError");
  },
  travelling,
);

behaviour(
  "2.6",
  "one signal may have several clones",
  async ({ peer }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = [
      peer.waitForAbort(signal),
      peer.waitForAbort(signal),
      peer.waitForBoth(signal, signal),
    ];
    controller.abort("all");
    equal(await Promise.all(waiting), ["aborted: all", "aborted: all", "both"]);
  },
  travelling,
);

behaviour(
  "2.6",
  "a clone can be sent on",
  async ({ peer }) => {
    const controller = new AbortController();
    const waiting = peer.forwardSignal(controller.signal);
    controller.abort("through two");
    equal(await waiting, "aborted: through two");
  },
  { date: "modern", not: ["workerd"] },
);

behaviour(
  "2.6",
  "a signal comes back from a call",
  async ({ peer }) => {
    const signal = await peer.abortedLater(5);
    check(signal instanceof AbortSignal, "an AbortSignal");
    await eventually(() => signal.aborted, true, "aborted");
    equal(signal.reason, "from the callee");
  },
  travelling,
);

behaviour(
  "2.6",
  "a signal is nested like any value",
  async ({ peer }) => {
    const back = await peer.echo({ signals: [AbortSignal.abort("nested")] });
    equal([back.signals[0].aborted, back.signals[0].reason], [true, "nested"]);
  },
  modern,
);

behaviour(
  "2.6",
  "a Request carries its signal",
  async ({ peer }) => {
    const request = new Request("http://x/", { signal: AbortSignal.abort("x") });
    equal((await peer.describeSignal(request)).aborted, true);
  },
  modern,
);

behaviour(
  "2.6",
  "a Request with a signal needs the flag too",
  async ({ peer }) => {
    const request = new Request("http://x/", { signal: new AbortController().signal });
    await rejects(
      () => peer.describeSignal(request),
      "DataCloneError",
      "AbortSignal serialization is not enabled.",
    );
  },
  { date: "legacy" },
);

behaviour(
  "2.6",
  "AbortSignal.any and timeout work like others",
  async ({ peer }) => {
    const controller = new AbortController();
    const any = AbortSignal.any([controller.signal, new AbortController().signal]);
    const waiting = peer.waitForAbort(any);
    controller.abort("any");
    equal(await waiting, "aborted: any");
    const late = await peer.abortReason(AbortSignal.timeout(5));
    equal(late.name, "TimeoutError");
  },
  travelling,
);

scene("watched signal", async ({ peer, param }) => {
  const controller = new AbortController();
  await peer.watchSignal(param, controller.signal);
});

behaviour(
  "2.6",
  "a signal whose sender is over never fires",
  async ({ env, peer }) => {
    const key = newKey();
    await inOwnInvocation(env, "watched signal", key);
    await eventually(() => read(peer, key), ["watching", "at the end: false"], "journal");
  },
  modern,
);

behaviour(
  "2.6",
  "aborting twice fires once",
  async ({ peer }) => {
    const controller = new AbortController();
    const waiting = peer.waitForAbort(controller.signal);
    controller.abort("first");
    controller.abort("second");
    equal(await waiting, "aborted: first");
    await pause(1);
  },
  travelling,
);

/* 4.4: signals and controllers are nobody's */

const kept = {};

scene("listen and abort", () => {
  const heard = [];
  kept.controller.signal.addEventListener("abort", () => heard.push("there"));
  kept.controller.abort(new RangeError("from there"));
  return heard;
});

behaviour("4.4", "an AbortController works in every invocation", async ({ env, peer }) => {
  kept.controller = new AbortController();
  const { signal } = kept.controller;
  const heard = [];
  signal.addEventListener("abort", () => heard.push("here"));
  const fetching = peer.fetch("http://x/slow", { signal });
  const failed = rejects(() => fetching, "RangeError", "from there");
  equal(await inOwnInvocation(env, "listen and abort"), ["there"]);
  await failed;
  equal(heard, ["here"]);
});

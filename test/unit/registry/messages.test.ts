import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClientMessage } from "../../../src/protocol/registry.ts";
import {
  MessageError,
  parseClientMessage,
  parseDaemonMessage,
} from "../../../src/registry/messages.ts";

const workspace = { root: "/w", kind: "git", repository: ["/w/.git"] } as const;
const messages: readonly ClientMessage[] = [
  {
    type: "hello",
    protocol: 1,
    id: "s",
    role: "session",
    session: { pid: 1, cwd: "/w", version: "1.0.0", startedAt: 5 },
    workspace,
  },
  {
    type: "announce",
    request: 1,
    since: 5,
    heldBefore: true,
    takeover: true,
    worker: {
      name: "api",
      entrypoints: [{ name: "default", kind: "object", methods: ["fetch"] }],
      durableObjectClasses: ["Counter"],
      address: "/run/w.sock",
      generation: 3,
      ready: true,
      url: "http://localhost:8787",
      configPath: "/w/wrangler.toml",
      environment: "staging",
      queues: { names: ["jobs"], address: "/run/q.sock" },
      workspace,
    },
  },
  { type: "withdraw", name: "api" },
  { type: "names", workers: ["api"] },
  { type: "stop" },
];

test.for(messages)("$type comes through as it is", (message) => {
  expect(parseClientMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
});

test.for(messages)("$type loses what nobody knows", (message) => {
  expect(parseClientMessage({ ...message, surprise: 1 })).toEqual(message);
});

test("anything else is a MessageError", () => {
  const types = fc.constantFrom("hello", "announce", "withdraw", "names", "constructor");
  const record = fc.record({ type: types, worker: fc.jsonValue(), name: fc.constant("") });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), record), (value) => {
      expect(() => parseClientMessage(value)).toThrow(MessageError);
      expect(() => parseDaemonMessage(value)).toThrow(MessageError);
    }),
  );
});

test("one wrong field anywhere is a MessageError", () => {
  for (const message of messages) {
    for (const broken of breakEachField(message)) {
      expect(() => parseClientMessage(broken)).toThrow(MessageError);
    }
  }
});

/** Copies of `value` in which one number, string or list was replaced by something impossible. */
function* breakEachField(value: unknown): Generator<unknown> {
  if (typeof value === "number") yield -1;
  else if (typeof value === "string") yield 5;
  else if (Array.isArray(value)) {
    yield {};
    for (const [at, item] of value.entries()) {
      for (const broken of breakEachField(item)) yield value.with(at, broken);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      // "role" has a default, and everything that is not true is false.
      if (key === "role") continue;
      for (const broken of breakEachField(item)) yield { ...value, [key]: broken };
    }
  }
}

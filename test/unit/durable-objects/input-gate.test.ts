import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { InputGate, TOO_DEEP } from "../../../src/durable-objects/input-gate.ts";
import { Turns } from "../../../src/durable-objects/turns.ts";

/* One event a turn, and critical sections (spec/durable-objects.md 7). */

function open() {
  const turns: Turns = new Turns(() => gate.pump());
  const gate: InputGate = new InputGate(turns);
  const log: string[] = [];
  /** An event that logs its name as soon as it is delivered. */
  const event = async (name: string, section = gate.section): Promise<void> => {
    await gate.admit(section);
    log.push(name);
  };
  return { gate, log, event };
}

async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

test("events are delivered in order, each in a turn of its own", async () => {
  const { gate, log, event } = open();
  const work = async (name: string): Promise<void> => {
    await event(name);
    // What goes on without leaving the turn is not interrupted.
    for (let step = 0; step < 100; step += 1) await null;
    log.push(`${name} done`);
  };
  const all = Promise.all(["a", "b", "c"].map(work));
  expect(gate.section).toBe(undefined);
  await all;
  expect(log).toEqual(["a", "a done", "b", "b done", "c", "c done"]);
});

test("while a section runs, what was started outside waits and what was started inside does not", async () => {
  const { gate, log, event } = open();
  let end = (): void => {};
  const section = gate.run(async () => {
    log.push("section");
    await event("inside");
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    await event("inside again");
    return 5;
  });
  const outside = event("outside");
  await turns();
  expect(log).toEqual(["section", "inside"]);
  end();
  expect(await section).toBe(5);
  await outside;
  expect(log).toEqual(["section", "inside", "inside again", "outside"]);
});

test("sections that wait go before events; both first in, first out", async () => {
  const { gate, log, event } = open();
  const first = gate.run(async () => {
    await turns(3);
    log.push("s1");
  });
  const waiting = [
    event("e1"),
    gate.run(() => log.push("s2")),
    event("e2"),
    gate.run(() => log.push("s3")),
  ];
  await Promise.all([first, ...waiting]);
  expect(log).toEqual(["s1", "s2", "s3", "e1", "e2"]);
});

test("what a section leaves behind belongs to what is around it", async () => {
  const { gate, log, event } = open();
  let late: Promise<void> | undefined;
  await gate.run(() => {
    const { section } = gate;
    late = (async () => {
      await turns(3);
      await event("late", section);
    })();
  });
  await late;
  expect(log).toEqual(["late"]);
});

test("a section that fails ends, and says why", async () => {
  const { gate, log, event } = open();
  const failing = gate.run(() => {
    throw new RangeError("no");
  });
  await expect(failing).rejects.toThrow(new RangeError("no"));
  await event("after");
  expect(log).toEqual(["after"]);
});

test("64 sections may be nested, 65 may not", async () => {
  const nested = async (gate: InputGate, depth: number): Promise<number> =>
    depth === 0 ? 0 : 1 + (await gate.run(() => nested(gate, depth - 1)));
  expect(await nested(open().gate, 64)).toBe(64);
  await expect(nested(open().gate, 65)).rejects.toThrow(new Error(TOO_DEEP));
});

test("a broken gate refuses who waits and who comes", async () => {
  const { gate, event } = open();
  const error = new Error("broken");
  void gate.run(() => new Promise<void>(() => {}));
  const waiting = [event("a"), gate.run(() => 1)];
  gate.break(error);
  gate.break(new Error("later"));
  for (const waiter of [...waiting, event("b"), gate.run(() => 2)]) {
    await expect(waiter).rejects.toBe(error);
  }
});

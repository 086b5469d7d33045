/** A frame that the transport cannot carry ends its session, and nothing else on the link. */
import { expect, test } from "vitest";
import type { Frame } from "../../../src/rpc/contract.ts";
import { createHarness, type Harness } from "./harness.ts";

const entrypoints = () => ({
  default: class {
    echo(value: unknown) {
      return value;
    }
    produce(word: string) {
      return [word];
    }
    makeEcho() {
      return (value: unknown) => value;
    }
  },
});

/** The transport at this end throws when a frame holds `word`, as structured clone would. */
function refuse(h: Harness, end: 0 | 1, word: string): void {
  const transport = h.transports[end];
  const send = transport.send.bind(transport);
  transport.send = (frames: readonly Frame[]) => {
    if (JSON.stringify(frames).includes(word)) throw new DOMException("refused", "DataCloneError");
    send(frames);
  };
}

test("a call that cannot be sent rejects, those beside it go on", async () => {
  await using h = await createHarness(entrypoints, { transport: "message-port" });
  refuse(h, 0, "poison");
  await h.run(async (s) => {
    const results = await Promise.allSettled([s.echo("a"), s.echo("poison"), s.echo("b")]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((results[1] as PromiseRejectedResult).reason).toBeInstanceOf(DOMException);
    expect(await s.echo("c")).toBe("c");
  });
});

test("a call on a stub that cannot be sent ends the session of the stub", async () => {
  await using h = await createHarness(entrypoints, { transport: "message-port" });
  refuse(h, 0, "poison");
  await h.run(async (s) => {
    const echo = await s.makeEcho();
    const results = await Promise.allSettled([echo("poison"), s.echo("b")]);
    expect(results.map((result) => result.status)).toEqual(["rejected", "fulfilled"]);
    await expect(echo("later")).rejects.toThrow();
  });
});

test("a result that cannot be sent rejects at the caller, those beside it arrive", async () => {
  await using h = await createHarness(entrypoints, { transport: "message-port" });
  refuse(h, 1, "poison");
  await h.run(async (s) => {
    const results = await Promise.allSettled([s.produce("a"), s.produce("poison"), s.produce("b")]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await s.echo("c")).toBe("c");
  });
});

import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { expect, test } from "vitest";
import { StorageThreads } from "../../../dist/host/storage-threads.js";
import { createDeferred } from "../../../src/util/deferred.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/* The storage threads of a host, one of which dies alone. */
type Caller = Parameters<StorageThreads["link"]>[1];

test("a thread that dies lets go of its callers, is told of, and is started again", async () => {
  await using project = await tempProject();
  const deaths: string[] = [];
  const died = createDeferred<void>();
  const threads = new StorageThreads({
    root: () => project.path("v3"),
    mailFolder: () => "",
    onStart: () => {},
    onMessage: () => {},
    onDeath: (text) => {
      deaths.push(text);
      died.resolve();
    },
  });
  const ports: MessagePort[] = [];
  const caller = {
    service: "a",
    thread: { post: ({ port }: { port: MessagePort }) => ports.push(port) },
  } as unknown as Caller;
  threads.link("sql", caller, 1);
  threads.link("values", caller, 2);
  const [sql, values] = ports as [MessagePort, MessagePort];
  let areValuesOpen = true;
  values.once("close", () => {
    areValuesOpen = false;
  });
  const closed = once(sql, "close");
  // No port at all: nothing that the thread could survive.
  const broken = { type: "link", peer: "a", port: new ArrayBuffer(1) } as unknown;
  threads.post("sql", broken as Parameters<StorageThreads["post"]>[1]);
  await Promise.all([closed, died.promise]);
  expect(deaths).toEqual([expect.stringMatching(/^The thread of local storage ended \(.+\)\./)]);
  expect(areValuesOpen).toBe(true);

  threads.link("sql", caller, 3);
  expect(ports).toHaveLength(3);
  await threads.close();
  expect(deaths).toHaveLength(1);
});

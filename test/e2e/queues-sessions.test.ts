import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import type { RunningDev } from "../helpers/run-dev.ts";
import { copyFixture } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";

/* fixtures/queue-pipeline: orders to fulfilment, what fails back to the shop. */

const SHOP = "shop/wrangler.jsonc";
const FULFILMENT = "fulfilment/wrangler.jsonc";

const json = async (dev: RunningDev, path: string, worker?: string): Promise<unknown> =>
  (await dev.fetch(path, worker === undefined ? {} : { worker })).json();

async function expectPipeline(shop: RunningDev, fulfilment: RunningDev): Promise<void> {
  const query = "/?item=book&item=sold-out-pen&item=lamp";
  expect(await json(shop, query, "shop")).toEqual({ ordered: ["book", "sold-out-pen", "lamp"] });
  await eventually(async () => {
    expect(await json(fulfilment, "/", "fulfilment")).toEqual(["book", "lamp"]);
    expect(await json(shop, "/failed", "shop")).toEqual(["sold-out-pen"]);
  });
}

test("the pipeline in one session", async () => {
  await using home = new RegistryHome();
  await using project = await copyFixture("queue-pipeline");
  await using dev = await home.dev([SHOP, FULFILMENT], { cwd: project.dir });
  expect(dev.output).toMatch(/env\.ORDERS \(orders\) +Queue +local \[connected\]/);
  await expectPipeline(dev, dev);
  await dev.waitForLine(/QUEUE orders 2\/3/);
});

test("the pipeline in two sessions, whichever comes first", async () => {
  await using home = new RegistryHome();
  await using project = await copyFixture("queue-pipeline");
  {
    await using fulfilment = await home.dev(FULFILMENT, { cwd: project.dir });
    await using shop = await home.dev(SHOP, { cwd: project.dir });
    await expectPipeline(shop, fulfilment);
    // Each batch has its line where it is consumed.
    await fulfilment.waitForLine(/QUEUE orders 2\/3/);
    await fulfilment.waitForLine(
      /Moving message ".*" on queue "orders" to dead letter queue "failed-orders"/,
    );
    await shop.waitForLine(/QUEUE failed-orders 1\/1/);
    expect(shop.output).not.toContain("QUEUE orders");
  }
  await using shop = await home.dev(SHOP, { cwd: project.dir });
  await json(shop, "/?item=early");
  await shop.waitForLine(/1 message waits on queue "orders": no consumer/);
  await using fulfilment = await home.dev(FULFILMENT, { cwd: project.dir });
  await fulfilment.waitForLine(/fulfilled: early/);
  await shop.waitForLine(/env\.ORDERS \(orders\) +Queue +local \[connected\]/);
  // It is gone here, and waits there for nobody.
  expect(await json(fulfilment, "/")).toEqual(["early"]);
  expect(await fulfilment.stop()).toEqual({ code: 0, signal: null });
  await shop.waitForLine(/env\.ORDERS \(orders\) +Queue +local \[not connected\]/);
});

test("two sessions that share a state folder deliver each message once", async () => {
  await using home = new RegistryHome();
  await using project = await copyFixture("queue-pipeline");
  const args = ["--persist-to", "state"];
  await using fulfilment = await home.dev(FULFILMENT, { cwd: project.dir, args });
  await using shop = await home.dev(SHOP, { cwd: project.dir, args });
  await expectPipeline(shop, fulfilment);
});

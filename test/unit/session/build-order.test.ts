import { expect, test } from "vitest";
import { buildOrder } from "../../../src/session/build-order.ts";
import { resolvedConfig } from "../../helpers/resolved-config.ts";

function worker(name: string, ...callees: readonly string[]) {
  const services = callees.map((service) => ({
    binding: service.toUpperCase(),
    service,
    entrypoint: undefined,
    props: undefined,
    position: undefined,
  }));
  return { config: resolvedConfig({ name, services }) };
}

test("the primary comes first, then what it reaches, the nearest first, then the rest", () => {
  const workers = [
    worker("api", "last", "elsewhere", "b"),
    worker("a", "api"),
    worker("b", "c", "api"),
    worker("c"),
    worker("last", "far"),
    worker("far"),
  ];
  const order = buildOrder(workers).map(({ config }) => config.name);
  expect(order).toEqual(["api", "last", "b", "far", "c", "a"]);
});

test("Durable Objects of another Worker count as calls of it", () => {
  const object = { binding: "O", className: "Room", scriptName: "rooms", position: undefined };
  const workers = [
    { config: resolvedConfig({ name: "api", externalDurableObjects: [object] }) },
    worker("a"),
    worker("rooms"),
  ];
  expect(buildOrder(workers).map(({ config }) => config.name)).toEqual(["api", "rooms", "a"]);
});

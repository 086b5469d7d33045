import { expect, test } from "vitest";
import { configErrorOf, resolveFiles } from "./helpers.ts";

/* Texts as wrangler 4.164 says them. */

const config = (entries: unknown): Record<string, string> => ({
  "wrangler.json": JSON.stringify({
    name: "w",
    main: "src/index.ts",
    compatibility_date: "2026-01-01",
    send_email: entries,
  }),
});

test.each([
  [{}, 'The field "send_email" should be an array but got {}.'],
  [[5], '"send_email" bindings should be objects, but got 5'],
  [[{}], '"send_email[0]" bindings should have a string "name" field but got {}.'],
  [[{ name: 5 }], '"send_email[0]" bindings should have a string "name" field but got {"name":5}.'],
  [
    [{ name: "A", destination_address: 5 }],
    '"send_email[0]" bindings should, optionally, have a string "destination_address" field but got {"name":"A","destination_address":5}.',
  ],
  [
    [{ name: "A", destination_address: "a@b.c", allowed_destination_addresses: ["a@b.c"] }],
    '"send_email[0]" bindings should have either a "destination_address" or "allowed_destination_addresses" field, but not both.',
  ],
  [
    [{ name: "A", allowed_destination_addresses: "x" }],
    '"send_email[0]" bindings should, optionally, have a []string "allowed_destination_addresses" field but got {"name":"A","allowed_destination_addresses":"x"}.',
  ],
  [
    [{ name: "A", remote: "x" }],
    '"send_email[0]" should, optionally, have a boolean "remote" field but got {"name":"A","remote":"x"}.',
  ],
])("send_email: %j is refused", async (entries, text) => {
  const { message } = await configErrorOf(() => resolveFiles(config(entries)));
  expect(message).toContain(text);
});

test("bindings carry their rules and the Worker's name; unknown fields are named", async () => {
  const { bindings, warnings } = await resolveFiles(
    config([
      { name: "ANY", nope: 1 },
      { name: "ONE", destination_address: "a@b.c", allowed_sender_addresses: ["s@b.c"] },
    ]),
  );
  expect(bindings.map((binding) => ("id" in binding ? JSON.parse(binding.id) : undefined))).toEqual(
    [{ worker: "w" }, { worker: "w", recipients: ["a@b.c"], senders: ["s@b.c"] }],
  );
  expect(JSON.stringify(warnings)).toContain(
    'Unexpected fields found in send_email[0] field: \\"nope\\"',
  );
});

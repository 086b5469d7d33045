import { expect, test } from "vitest";
import { errorsOf, messageOf } from "../../../src/runtime/tail/log-values.ts";
import { redactHeaders, redactUrl } from "../../../src/runtime/tail/redact.ts";

const HEX = "0123456789abcdef0123456789abcdef";

test.each([
  [`http://x/${HEX}?a=1`, "http://x/REDACTED?a=1"],
  [`http://x/${HEX.slice(1)}`, `http://x/${HEX.slice(1)}`],
  [`http://x/?k=${HEX.toUpperCase()}`, "http://x/?k=REDACTED"],
  ["http://x/?k=aB1cD2eF3gH4iJ5kL6mN7", "http://x/?k=REDACTED"],
  // Twenty characters; too few capitals.
  ["http://x/?k=aB1cD2eF3gH4iJ5kL6mN", "http://x/?k=aB1cD2eF3gH4iJ5kL6mN"],
  ["http://x/?k=ab1cd2ef3gh4ij5kl6mN7", "http://x/?k=ab1cd2ef3gh4ij5kl6mN7"],
  ["http://x/4111111111111111", "http://x/REDACTED"],
  ["http://x/4111111111111112", "http://x/4111111111111112"],
])("%s is shown as %s", (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test("headers that carry secrets are hidden by their names", () => {
  const names = ["cookie", "set-cookie", "x-auth", "my-jwt", "x-key-id", "secret", "x-token"];
  const headers = Object.fromEntries([...names, "accept", "x-cookie"].map((name) => [name, "v"]));
  const shown = redactHeaders(headers);
  for (const name of names) expect(shown[name]).toBe("REDACTED");
  expect([shown.accept, shown["x-cookie"]]).toEqual(["v", "v"]);
});

test("what throws when it is shown is an empty object", () => {
  const hostile = {
    toJSON() {
      throw new Error("no");
    },
  };
  const named = Object.defineProperty(new Error("x"), "name", {
    get() {
      throw new Error("no");
    },
  });
  expect(messageOf([hostile, "a"])).toBe('[{},"a"]');
  expect(errorsOf([named, 1])).toHaveLength(2);
});

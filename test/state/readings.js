/**
 * What wrangler's commands say of the state that `GET /write` of test/state/workers leaves
 * (`npm run parity -- state`).
 */
export const READINGS = [
  {
    args: ["kv", "key", "get", "kept", "--binding", "KV", "--local", "--text"],
    expected: "value é",
  },
  {
    args: ["kv", "key", "list", "--binding", "KV", "--local"],
    expected: JSON.stringify(
      [{ name: "kept", metadata: { by: "a Worker" } }, { name: "large" }],
      null,
      2,
    ),
  },
];

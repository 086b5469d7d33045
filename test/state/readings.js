/**
 * What wrangler's commands say of the state that `GET /write` of test/state/workers leaves
 * (`npm run parity -- state`).
 */
const KV = ["--binding", "KV", "--local"];

const PIPE = ["--pipe", "--local"];

export const READINGS = [
  { args: ["kv", "key", "get", "kept", ...KV, "--text"], expected: "value é" },
  {
    args: ["kv", "key", "list", ...KV],
    expected: JSON.stringify(
      [{ name: "kept", metadata: { by: "a Worker" } }, { name: "large" }],
      null,
      2,
    ),
  },
  { args: ["r2", "object", "get", "r2-cases/kept/object.txt", ...PIPE], expected: "value é" },
  {
    args: ["r2", "object", "get", "r2-cases/kept/parts", ...PIPE],
    expected: `${"A".repeat(5 * 1024 * 1024)}end`,
  },
  {
    args: ["d1", "execute", "cases", "--local", "--json", "--command", "SELECT * FROM kept"],
    expected: JSON.stringify(
      [
        {
          results: [
            { id: 1, text: "é", real: 1.5, bytes: "[1, 2]", empty: null },
            { id: 2, text: "5.0", real: 2, bytes: null, empty: null },
          ],
          success: true,
          meta: { duration: 0 },
        },
      ],
      null,
      2,
    ),
  },
];

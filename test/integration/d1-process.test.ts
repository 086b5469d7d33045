import { expect, test } from "vitest";
import { StatementProcess, TimedOut } from "../../src/resources/d1/process.ts";
import { tempProject } from "../helpers/temp-project.ts";

/** In place of the program: boots for longer than a statement may take, answers its first call and no other. */
const SLOW = `
const calls = [];
process.on("message", (call) => calls.push(call));
setTimeout(() => {
  process.send({ type: "booted" });
  process.send({ type: "answer", answer: { calls: calls.length } });
}, 1200);
`;

test("the time of a statement begins when its process has booted", async () => {
  await using files = await tempProject({ "slow.cjs": SLOW });
  const statements = new StatementProcess(files.dir, "d", {
    program: files.path("slow.cjs"),
    limitMs: 600,
  });
  const run = () => statements.run({ queries: [], withBookmark: false, lastRowId: 0 });
  expect(await run()).toEqual({ calls: 1 });
  await expect(run()).rejects.toThrow(TimedOut);
  statements.close();
});

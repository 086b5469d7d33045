import { expect, test } from "vitest";
import { Questions } from "../../../src/host/questions.ts";

test("a thread that answers late is waited for, unless it is lost", async () => {
  const questions = new Questions<string>();
  let looks = 0;
  let last = 0;
  const late = questions.ask(
    (request) => {
      last = request;
    },
    async () => {
      looks += 1;
      // It waited for a processor until now.
      if (looks === 2) questions.answer(last, "late");
      return false;
    },
  );

  expect(await late).toBe("late");
  expect(
    await questions.ask(
      () => {},
      async () => true,
    ),
  ).toBe(undefined);
  expect(await questions.ask(() => {})).toBe(undefined);
});

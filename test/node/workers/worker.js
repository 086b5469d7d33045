/*
 * What `node:` modules do, case by case: `/<group>` answers with title -> outcome. Runs in drover
 * (test/integration/runtime/node-cases.test.ts) and on the real runtime (`npm run parity -- node`).
 */
import "./cases/scope.js";
import { shown } from "./shown.js";

export default {
  async fetch(request) {
    const group = new URL(request.url).pathname.slice(1);
    const { cases } = await import(`./cases/${group}.js`);
    const answers = {};
    for (const [title, run] of Object.entries(cases)) {
      try {
        answers[title] = shown(await run());
      } catch (error) {
        answers[title] = { thrown: shown(error) };
      }
    }
    return Response.json(answers);
  },
};

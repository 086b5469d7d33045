import { join } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import recorded from "../parity/assets/answers.json" with { type: "json" };
import { type Project, projects } from "../parity/assets/cases.js";
import { type Answer, ask } from "../parity/assets/client.js";
import { writeProject } from "../parity/assets/project.js";

/*
 * The projects of test/parity/assets/cases.js, several to a session, each asked what wrangler was
 * asked. Differences that are meant are listed here and nowhere else.
 */
const answers = recorded as unknown as Readonly<Record<string, Readonly<Record<string, Answer>>>>;

const PER_SESSION = 6;
const sessions = Array.from({ length: Math.ceil(projects.length / PER_SESSION) }, (_, index) =>
  projects.slice(index * PER_SESSION, (index + 1) * PER_SESSION),
);

test.each(sessions.map((session) => ({ names: session.map(({ name }) => name), session })))(
  "answers as wrangler: $names",
  async ({ session }) => {
    await using folder = await tempProject();
    for (const project of session) writeProject(folder.path(project.name), project);
    const configs = session.map(({ name }) => join(folder.dir, name, "wrangler.json"));
    await using dev = await runDev(configs, { cwd: folder.dir });
    for (const project of session) {
      const actual = await ask(dev.port, routedTo(project));
      const expected = { ...answers[project.name] };
      delete expected.lines;
      expect({ [project.name]: actual }).toEqual({ [project.name]: mapValues(expected, adjusted) });
    }
  },
);

/** The Host header stays: header rules look at it. */
function routedTo(project: Project): Project {
  const requests = project.requests.map(([method, path, headers = {}]) => {
    return [method, path, { ...headers, "mf-route-override": project.name }] as const;
  });
  return { ...project, requests };
}

/** An answer of wrangler as drover is to give it. */
function adjusted([status, headers, body]: Answer): Answer {
  // wrangler dev says that nothing at all is compressed.
  const { "content-encoding": coding, ...rest } = headers;
  const isNothing = /^(404|30[12378])/.test(status) && body === "" && coding !== undefined;
  return [status, isNothing ? { ...rest, "content-length": "0" } : headers, body];
}

function mapValues(
  answers: Readonly<Record<string, Answer>>,
  change: (answer: Answer) => Answer,
): Record<string, Answer> {
  return Object.fromEntries(Object.entries(answers).map(([key, value]) => [key, change(value)]));
}

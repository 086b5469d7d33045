import { expect, test } from "vitest";
import { findStartCommand } from "../../../src/session/start-command.ts";
import { tempProject } from "../../helpers/temp-project.ts";

test("finds a Worker's config beside the session's own, by name", async () => {
  await using project = await tempProject({
    "apps/api/wrangler.toml": 'name = "api"\n',
    "apps/web/wrangler.jsonc": '{ "name": "web" /* not auth */ }',
    "services/auth/wrangler.jsonc": '{ "name": "auth", "services": [{ "name": "mail" }] }',
    "services/broken/wrangler.json": '{ "name": "mail"',
    "node_modules/pkg/wrangler.json": '{ "name": "mail" }',
  });
  const { dir } = project;
  const find = (service: string) =>
    findStartCommand(service, [project.path("apps/api")], dir, project.path("apps/api"));
  expect(find("web")).toBe("drover dev -c ../web/wrangler.jsonc");
  expect(find("auth")).toBe("drover dev -c ../../services/auth/wrangler.jsonc");
  expect(find("mail")).toBeUndefined();
});

test("finds the environment that gives the name, and quotes paths for the shell", async () => {
  await using project = await tempProject({
    "api/wrangler.json": '{ "name": "api" }',
    "my auth/wrangler.json":
      '{ "name": "auth", "env": { "staging": {}, "production": { "name": "login" } } }',
  });
  const { dir } = project;
  const find = (service: string) => findStartCommand(service, [project.path("api")], dir, dir);
  expect(find("auth")).toBe('drover dev -c "my auth/wrangler.json"');
  expect(find("auth-staging")).toBe('drover dev -c "my auth/wrangler.json@staging"');
  expect(find("login")).toBe('drover dev -c "my auth/wrangler.json@production"');
  expect(find("auth-production")).toBeUndefined();
});

test("does not look outside of the workspace", async () => {
  await using project = await tempProject({
    "one/wrangler.json": '{ "name": "one" }',
    "two/wrangler.json": '{ "name": "two" }',
  });
  const one = project.path("one");
  expect(findStartCommand("two", [one], one, one)).toBeUndefined();
  expect(findStartCommand("two", [one], project.dir, one)).toBe(
    "drover dev -c ../two/wrangler.json",
  );
});

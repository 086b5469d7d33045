/** The argument of `drover status` and `drover logs` that picks one session. */
import type { RegisteredWorker } from "../protocol/registry.ts";
import { listRegistry } from "../registry/commands.ts";
import { sessionsOf } from "../session/running-sessions.ts";
import { ExitCode, UserError } from "../util/errors.ts";

/**
 * `8787` and `localhost:8787` are URLs to whoever types them. A word alone is more often the name of a Worker.
 *
 * @throws UserError SESSION_URL, exit code 2, naming the sessions that run
 */
export async function sessionUrl(
  text: string,
  command: "logs" | "status",
  version: string,
): Promise<string> {
  const isPort = /^\d+$/.test(text);
  const address = isPort ? `localhost:${text}` : text;
  const url = /^https?:\/\//.test(address) ? address : `http://${address}`;
  if ((isPort || /[.:[]/.test(text) || text === "localhost") && URL.canParse(url)) return url;
  const { workers } = await listRegistry({ env: process.env, cwd: process.cwd(), version });
  throw new UserError(
    "SESSION_URL",
    `Expected the URL or the port of a session, such as drover ${command} 8787, but got "${text}".`,
    { exitCode: ExitCode.config, hint: hintOf(text, command, workers) },
  );
}

function hintOf(
  text: string,
  command: "logs" | "status",
  workers: readonly RegisteredWorker[],
): string {
  if (workers.length === 0) return "No session is running.";
  const ofThatName = workers.find(({ name }) => name === text);
  if (ofThatName !== undefined && command === "logs") {
    return `"${text}" is the name of a Worker: drover logs --worker ${text}`;
  }
  if (ofThatName?.url !== undefined) {
    return `The Worker "${text}" runs in the session of drover status ${ofThatName.url}`;
  }
  const lines = sessionsOf(workers).map(({ url, pid }) => {
    const names = workers.filter(({ session }) => session.pid === pid).map(({ name }) => name);
    return `  ${url}  ${names.join(", ")}`;
  });
  return ["These sessions run, with their Workers:", ...lines].join("\n");
}

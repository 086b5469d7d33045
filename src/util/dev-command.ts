import path from "node:path";

/** The command that starts the Worker of a config, typed in `cwd`. */
export function devCommand(
  configPath: string,
  environment: string | undefined,
  cwd: string,
): string {
  const file = path.relative(cwd, configPath);
  const argument = environment === undefined ? file : `${file}@${environment}`;
  // Whatever a shell may take for more than a letter.
  return `drover dev -c ${/[^\w./\\:@+-]/.test(argument) ? JSON.stringify(argument) : argument}`;
}

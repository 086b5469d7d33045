/** Completion scripts for bash, zsh and fish, written from the model; pure. */
import type { CompletedCommand, CompletedFlag } from "./model.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish }[shell](commands);
}

/** What to put where, for the comment at the top of each script. */
const INSTALL: Readonly<Record<Shell, string>> = {
  bash: 'eval "$(drover completion bash)"   # in ~/.bashrc',
  zsh: 'eval "$(drover completion zsh)"   # in ~/.zshrc, after compinit',
  fish: "drover completion fish > ~/.config/fish/completions/drover.fish",
};

/**
 * Finds the command among the words before the cursor, then offers what it has; values of flags
 * with choices are these, others are files.
 */
function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ words, flags, commands: below }) => {
    const names = [...below.map(({ name }) => name), ...flags.flatMap(spellings)].join(" ");
    return `    ${quoted(words.join(" "))}) words=${quoted(names)} ;;`;
  });
  const values = new Map<string, string>();
  for (const { flags } of commands) {
    for (const { long, choices } of flags) {
      if (choices !== undefined) values.set(long, choices.join(" "));
    }
  }
  const choices = [...values].map(
    ([flag, list]) =>
      `    ${flag}) COMPREPLY=($(compgen -W ${quoted(list)} -- "$current")); return ;;`,
  );
  const known = commands.filter(({ words }) => words.length > 0);
  return `# ${INSTALL.bash}
_drover() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  # bash breaks --flag=value at the sign.
  if [[ "$current" == "=" ]]; then current=""
  elif [[ "$previous" == "=" && COMP_CWORD -gt 1 ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  local command="" words="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${command:+$command }$word"
    case "$next" in
      ${known.map(({ words }) => quoted(words.join(" "))).join("|")}) command="$next" ;;
    esac
  done
  case "$previous" in
${choices.join("\n")}
  esac
  case "$command" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ \${#COMPREPLY[@]} -eq 0 && "$current" != -* ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _drover drover
`;
}

/** One function that looks the command up as bash's does; descriptions beside the words. */
function zsh(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ words, flags, commands: below }) => {
    const flagSpecs = flags.map((flag) => quoted(zshFlag(flag)));
    const names = below.map(({ name, description }) => quoted(`${name}:${description}`));
    const described =
      names.length === 0
        ? ""
        : `\n      local -a below=(${names.join(" ")})\n      (( CURRENT == depth + 2 )) && _describe command below`;
    return `    ${quoted(words.join(" "))})${described}\n      _arguments -S ${flagSpecs.join(" ")} '*:file:_files' ;;`;
  });
  const known = commands.filter(({ words }) => words.length > 0);
  return `#compdef drover
# ${INSTALL.zsh}
_drover() {
  local command="" next word
  integer depth=0
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${command:+$command }$word"
    case "$next" in
      ${known.map(({ words }) => quoted(words.join(" "))).join("|")}) command="$next"; depth+=1 ;;
    esac
  done
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _drover drover
`;
}

function zshFlag({ long, description, takesValue, choices }: CompletedFlag): string {
  // What `_arguments` gives a meaning.
  const text = description.replace(/[[\]:\\]/g, "\\$&");
  const value = choices === undefined ? ":value:_files" : `:value:(${choices.join(" ")})`;
  return `${long}${takesValue ? "=" : ""}[${text}]${takesValue ? value : ""}`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ words, flags, commands: below }) => {
    const here = condition(
      words,
      below.map(({ name }) => name),
    );
    return [
      ...below.map(
        ({ name, description }) =>
          `complete -c drover -f -n ${quoted(here)} -a ${quoted(name)} -d ${quoted(description)}`,
      ),
      ...flags.map((flag) => fishFlag(flag, condition(words, []))),
    ];
  });
  return `# ${INSTALL.fish}\n${lines.join("\n")}\n`;
}

/** The command line has all `words` and none of `others`. */
function condition(words: readonly string[], others: readonly string[]): string {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const unseen = others.length === 0 ? [] : [`not __fish_seen_subcommand_from ${others.join(" ")}`];
  const all = [...seen, ...unseen];
  return all.length === 0 ? "true" : all.join("; and ");
}

function fishFlag(flag: CompletedFlag, when: string): string {
  const { long, short, description, takesValue, choices } = flag;
  return [
    "complete -c drover",
    `-n ${quoted(when)}`,
    `-l ${long.slice(2)}`,
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(takesValue ? ["-r"] : []),
    ...(choices === undefined ? [] : [`-f -a ${quoted(choices.join(" "))}`]),
    `-d ${quoted(description)}`,
  ].join(" ");
}

function spellings({ long, short }: CompletedFlag): string[] {
  return short === undefined ? [long] : [long, short];
}

/** For a shell, in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

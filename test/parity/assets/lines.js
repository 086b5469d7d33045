/* The lines of a start that are about `_headers` and `_redirects`, without decoration. */

/** @param {string} output */
export function linesOf(output) {
  const from = output.search(/✨ Parsed|Found \d+ invalid/);
  if (from === -1) return [];
  const to = output.indexOf("Ready on", from);
  return output
    .slice(from, to === -1 ? undefined : to)
    .split("\n")
    .map((line) =>
      line
        .replace(/^\[(wrangler|drover):\w+\] /, "")
        .replace(/^▲ \[WARNING\] /, "")
        .trim(),
    )
    .filter(
      (line) => /^(✨ Parsed|Found \d+|▶︎|at |[^\s].*\| )/.test(line) || line.includes("invalid"),
    );
}

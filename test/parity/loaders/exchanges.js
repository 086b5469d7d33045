/** Plays the probes of the Worker in `workers`, and says how answers are compared. */

/** What differs from run to run and machine to machine. */
const normal = (text) =>
  text
    .replace(/reference = [a-z0-9]+/g, "reference = (id)")
    .replace(/"(timestamp|eventTimestamp)":\d+/g, '"$1":"(time)"')
    .replace(/"(cpuTime|wallTime)":[\d.]+/g, '"$1":"(ms)"')
    .replace(/(newest date supported by this server binary is) \\"[-\d]+\\"/g, "$1 (date)");

/** Names of `ctx.exports`: their order is nobody's promise. */
function sorted(answer) {
  answer.resolves?.exp?.sort();
  return answer;
}

export async function askAll(fetch) {
  const answers = {};
  for (const name of await (await fetch("/")).json()) {
    const response = await fetch(`/?p=${encodeURIComponent(name)}`);
    answers[name] = sorted(JSON.parse(normal(await response.text())));
  }
  return answers;
}

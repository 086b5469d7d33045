/** Asks a running Worker of this folder every probe; what record.js and the test have in common. */

/**
 * @param {string} origin where the Worker answers
 * @returns {Promise<Record<string, unknown>>} answers by `<where>/<probe>`
 */
export async function askAll(origin) {
  const list = await (await fetch(`${origin}/list`)).json();
  const answers = {};
  for (const where of ["inside", "outside"]) {
    for (const probe of list[where]) {
      const response = await fetch(`${origin}/${where}/${probe}/${probe.toLowerCase()}`);
      answers[`${where}/${probe}`] = await response.json();
    }
  }
  return answers;
}

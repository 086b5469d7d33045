/*
 * Scenes that tell what happens as lines, so that what two runtimes say can be compared.
 */

/** Long enough to see that nothing comes, where nothing is what comes. */
const PENDING_MS = 250;

export const show = (value) => {
  if (!(value instanceof Error)) return typeof value === "string" ? value : JSON.stringify(value);
  // In production `name` is an own property of some errors.
  const more = JSON.stringify({ ...value, name: undefined });
  return `${value.constructor.name}: ${value.message}${more === "{}" ? "" : ` ${more}`}`;
};
export const settled = async (promise) => {
  let timer;
  const pending = new Promise((resolve) => {
    timer = setTimeout(() => resolve("(pending)"), PENDING_MS);
  });
  try {
    return await Promise.race([promise, pending]);
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
};
export const thrown = (fn) => {
  try {
    return fn();
  } catch (error) {
    return error;
  }
};

/** @returns the lines of each scene, which gets `say` and whatever else there is */
export async function play(scenes, ...rest) {
  const lines = {};
  for (const [title, scene] of Object.entries(scenes)) {
    const said = [];
    await scene((...values) => said.push(values.map(show).join(" | ")), ...rest);
    lines[title] = said;
  }
  return lines;
}

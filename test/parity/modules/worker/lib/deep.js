/** What names mean in a folder. */
export async function sibling() {
  const answers = [];
  for (const name of [
    "./sibling.js",
    "sibling.js",
    "../counted.js",
    "counted.js",
    "lib/sibling.js",
    "./nope.js",
    "../nope.js",
    "../../counted.js",
  ]) {
    answers.push(
      await import(name).then(
        (found) => Object.keys(found),
        (error) => `${error.name}: ${error.message}`,
      ),
    );
  }
  return answers;
}

/**
 * The namespace of `require("x")` of Node's modules: the bundle is an ES module and has imports only,
 * so that each becomes a CommonJS module of a line. For the two plugins that make them.
 */
export const REQUIRE = "drover-node-require";

/** The specifier of such a module, of its path in esbuild's metafile; undefined for others. */
export function requiredName(path: string): string | undefined {
  const prefix = `${REQUIRE}:`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

export function requireModule(specifier: string): string {
  return `import builtin from ${JSON.stringify(specifier)};\nmodule.exports = builtin;`;
}

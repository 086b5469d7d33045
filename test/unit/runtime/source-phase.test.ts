import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { SOURCE, withoutSourcePhases } from "../../../src/runtime/loader/source-phase.ts";

/* Source phase imports become what every version of Node parses, at the same columns. */

const parses = (code: string) => {
  try {
    transformSync(code, { loader: "js", format: "esm", logLevel: "silent" });
    return true;
  } catch {
    return false;
  }
};

const of = (code: string) => {
  const { code: plain, specifiers, isDynamic } = withoutSourcePhases(code, parses);
  expect(plain).toHaveLength(code.length);
  return [plain, [...specifiers], isDynamic];
};

test.each([
  [`import source a from "./a.wasm";`, `import        a from "./a.wasm";`, ["./a.wasm"], false],
  [`f();import source a from'./a.wasm'`, `f();import        a from'./a.wasm'`, ["./a.wasm"], false],
  [
    `// first\n  import  source  ä_$1  from  "b";`,
    `// first\n  import          ä_$1  from  "b";`,
    ["b"],
    false,
  ],
  [`import source from "./a.js";`, `import source from "./a.js";`, [], false],
  [`import source, { a } from "./a.js";`, `import source, { a } from "./a.js";`, [], false],
  [
    `const text = 'import source a from "b"';`,
    `const text = 'import source a from "b"';`,
    [],
    false,
  ],
  [`await import.source("./a.wasm")`, `await ${SOURCE}("./a.wasm")`, [], true],
  [`const text = "import.source";`, `const text = "import.source";`, [], false],
  [
    "f(`import.source('a')`) // import.source(",
    "f(`import.source('a')`) // import.source(",
    [],
    false,
  ],
  [
    `f(\`\${import.source('a')} import.source('b')\`, /import.source()/)`,
    `f(\`\${${SOURCE}('a')} import.source('b')\`, /import.source()/)`,
    [],
    true,
  ],
  [
    'import source a from "a";\nconst text = `\nimport source b from "b";\n`;',
    'import        a from "a";\nconst text = `\nimport source b from "b";\n`;',
    ["a"],
    false,
  ],
])("%s", (code, plain, specifiers, isDynamic) => {
  expect(of(code)).toEqual([plain, specifiers, isDynamic]);
});

import { behaviour, check, equal, throws } from "../harness.js";

/* 2.1: DOMException, and where others come from */

const MEMBERS = ["code", "name", "message", "stack"];
const stackless = ({ code, name, message }) => ({ code, name, message });

behaviour("2.1", "a DOMException has its members as own properties, and JSON shows them", () => {
  const error = new DOMException("m", "DataCloneError");
  equal(Reflect.ownKeys(error), MEMBERS);
  equal(Object.keys(error), MEMBERS);
  const shown = JSON.parse(JSON.stringify(error));
  equal(stackless(shown), { code: 25, name: "DataCloneError", message: "m" });
  check(shown.stack.startsWith("DataCloneError: m\n    at "), shown.stack);
  equal(String(error), "DataCloneError: m");
  check(error instanceof Error && error instanceof DOMException, "classes");
  const { get, set, enumerable } = Object.getOwnPropertyDescriptor(error, "stack");
  equal([get.name, set.name, enumerable, get.call({})], ["", "", true, undefined]);
});

behaviour("2.1", "what a DOMException is made of", () => {
  equal(stackless(new DOMException()), { code: 0, name: "Error", message: "" });
  equal(stackless(new DOMException(null, null)), { code: 0, name: "null", message: "null" });
  equal(stackless(new DOMException("m", { name: "AbortError", cause: 1 })), {
    code: 0,
    name: "[object Object]",
    message: "m",
  });
  throws(
    () => new DOMException(Symbol("x")),
    "TypeError",
    "Cannot convert a Symbol value to a string",
  );
  equal(DOMException.prototype.name, "Error");
  const codes = ["IndexSizeError", "SyntaxError", "QuotaExceededError", "OperationError"];
  equal(
    codes.map((name) => new DOMException("", name).code),
    [1, 12, 22, 0],
  );
});

behaviour("2.1", "members of a DOMException are read-only, but for its stack", () => {
  const error = new DOMException("m", "AbortError");
  for (const name of ["name", "message", "code"]) {
    throws(
      () => {
        error[name] = "x";
      },
      "TypeError",
      new RegExp(`^Cannot assign to read only property '${name}' of object '`),
    );
  }
  error.stack = "mine";
  equal([error.stack, structuredClone(error).stack], ["mine", "mine"]);
});

behaviour("2.1", "classes may extend DOMException", () => {
  class Own extends DOMException {
    constructor() {
      super("m", "AbortError");
    }
  }
  const error = new Own();
  check(error instanceof Own && error instanceof DOMException && error instanceof Error, "classes");
  equal([error.code, error.constructor.name], [20, "Own"]);
  check(error.stack.startsWith("AbortError: m\n    at new Own "), error.stack);
  equal(structuredClone(error).constructor.name, "DOMException");
});

behaviour("2.1", "a clone keeps a DOMException, alone and inside of a value", () => {
  const error = new DOMException("m", "AbortError");
  error.extra = 5;
  const copies = [structuredClone(error), structuredClone({ a: [error] }).a[0]];
  for (const copy of copies) {
    check(copy instanceof DOMException, "class");
    equal(Reflect.ownKeys(copy), MEMBERS);
    equal([copy.code, copy.message, copy.stack === error.stack], [20, "m", true]);
  }
});

behaviour(
  "2.1",
  "a clone of an error keeps a DOMException as its cause",
  () => {
    const error = new Error("outer", { cause: new DOMException("m", "AbortError") });
    const { cause } = structuredClone(error);
    equal([cause instanceof DOMException, cause.code], [true, 20]);
  },
  { dates: ["newest"] },
);

behaviour("2.1", "Error.prepareStackTrace sees a DOMException", () => {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => `${error.name}, ${Array.isArray(frames)}`;
  const { stack } = new DOMException("m", "AbortError");
  Error.prepareStackTrace = before;
  equal(stack, "AbortError, true");
});

const caught = async (run) => {
  try {
    await run();
  } catch (error) {
    return error;
  }
};

behaviour("2.1", "what the platform throws is of that class", async () => {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-CBC", false, [
    "decrypt",
  ]);
  const iv = new Uint8Array(16);
  const errors = [
    await caught(() => atob("%")),
    await caught(() => btoa("é日")),
    await caught(() => structuredClone(() => {})),
    await caught(() => crypto.getRandomValues(new Float64Array(1))),
    await caught(() => crypto.subtle.digest("nope", iv)),
    await caught(() => crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, new Uint8Array(16))),
    await caught(() => new WebSocket("nope")),
    AbortSignal.abort().reason,
  ];
  const names = errors.map((error) => error instanceof DOMException && error.name);
  equal(names, [
    "InvalidCharacterError",
    "InvalidCharacterError",
    "DataCloneError",
    "TypeMismatchError",
    "NotSupportedError",
    "OperationError",
    "SyntaxError",
    "AbortError",
  ]);
  for (const error of errors) equal(Object.keys(error).slice(0, 4), MEMBERS);
});

behaviour("2.1", "what structuredClone says of URLs and functions", () => {
  throws(
    () => structuredClone(new URL("http://a")),
    "DataCloneError",
    'Could not serialize object of type "URL". This type does not support serialization.',
  );
  const text = () => {};
  const error = throws(
    () => structuredClone(text),
    "DataCloneError",
    `${text} could not be cloned.`,
  );
  equal([error instanceof DOMException, error.code], [true, 25]);
});

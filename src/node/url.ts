/** `node:url`: Node's, whose file URL errors are plain Errors in production (spec/node.md 6.1). */
import { nodeError } from "./errors.ts";
import { nativeMembers } from "./native-copies.ts";

const FILE_URL = /^ERR_INVALID_(?:FILE_URL_|URL_SCHEME)/;

export function urlModule(globals: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const native = nativeMembers("url");
  const fileURLToPath = native.fileURLToPath as (...args: unknown[]) => string;
  return {
    ...native,
    ...globals,
    fileURLToPath: (...args: unknown[]) => {
      try {
        return fileURLToPath(...args);
      } catch (error) {
        const { code, message } = error as { readonly code?: unknown; readonly message: string };
        if (typeof code !== "string" || !FILE_URL.test(code)) throw error;
        throw nodeError(Error, code, message);
      }
    },
  };
}

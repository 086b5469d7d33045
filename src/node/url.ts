/**
 * `node:url`: Node's, whose file URL errors are plain Errors in production (spec/node.md 6.1). Its `parse`
 * takes what it has always taken: Node 26 refuses ports that are none.
 */
import { nodeError } from "./errors.ts";
import { nativeMembers } from "./native-copies.ts";
import { takeBadPorts, type UrlClass } from "./url-ports.ts";

const FILE_URL = /^ERR_INVALID_(?:FILE_URL_|URL_SCHEME)/;

export function urlModule(globals: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const native = nativeMembers("url");
  takeBadPorts((native.Url as UrlClass).prototype);
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

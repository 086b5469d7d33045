/**
 * `get`, `put` and `delete` of service bindings with `fetcher_has_get_put_delete`, the default
 * before 2024-03-26 (spec/rpc.md 9): shortcuts over the binding's own `fetch`.
 */
import type { Response } from "../../web/http/response.ts";

interface Fetcher {
  fetch(url: string, init?: object): Promise<Response>;
}

type ResultType = "text" | "json" | "arrayBuffer" | "stream";

export const legacyMembers: Readonly<
  Record<string, (this: Fetcher, ...args: never[]) => Promise<unknown>>
> = {
  /** Null for 404; any other failure rejects. */
  async get(this: Fetcher, url: string, type: ResultType = "text"): Promise<unknown> {
    const response = await this.fetch(url);
    if (response.status === 404 || response.status === 410) return null;
    assertOk("GET", response);
    switch (type) {
      case "text":
        return await response.text();
      case "json":
        return await response.json();
      case "arrayBuffer":
        return await response.arrayBuffer();
      case "stream":
        return response.body;
      default:
        throw new TypeError(
          'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
        );
    }
  },
  async put(this: Fetcher, url: string, body: unknown, init: object = {}): Promise<void> {
    assertOk("PUT", await this.fetch(url, { ...init, method: "PUT", body }));
  },
  async delete(this: Fetcher, url: string): Promise<void> {
    assertOk("DELETE", await this.fetch(url, { method: "DELETE" }));
  },
};

function assertOk(method: string, response: Response): void {
  if (response.ok) return;
  throw new Error(`HTTP ${method} request failed: ${response.status} ${response.statusText}`);
}

import { describe, expect, test } from "vitest";
import { resolveCompat } from "../../../src/compat/resolve.ts";

describe("compatibility flags", () => {
  test("become the default at their date", () => {
    expect(resolveCompat("2026-01-19", []).rpc_params_dup_stubs).toBe(false);
    expect(resolveCompat("2026-01-20", []).rpc_params_dup_stubs).toBe(true);
    expect(resolveCompat("2026-11-17", []).experimental).toBe(false);
  });

  test("are switched on and off by name whatever the date", () => {
    const on = resolveCompat("2021-11-02", ["enable_ctx_exports", "enable_abortsignal_rpc"]);
    expect([on.enable_ctx_exports, on.enable_abortsignal_rpc]).toEqual([true, true]);
    const off = resolveCompat("2026-11-17", [
      "no_rpc",
      "disable_ctx_exports",
      "rpc_params_transfer_stubs",
      "legacy_error_serialization",
      "fetcher_has_get_put_delete",
      "no_nodejs_compat",
    ]);
    expect({
      rpc: off.rpc,
      exports: off.enable_ctx_exports,
      dup: off.rpc_params_dup_stubs,
      errors: off.enhanced_error_serialization,
      fetcher: off.fetcher_no_get_put_delete,
      node: off.nodejs_compat,
    }).toEqual({
      rpc: false,
      exports: false,
      dup: false,
      errors: false,
      fetcher: false,
      node: false,
    });
  });

  test("of Node modules come earlier with nodejs_compat", () => {
    const name = "enable_nodejs_http_modules";
    expect(resolveCompat("2025-08-15", [])[name]).toBe(false);
    expect(resolveCompat("2025-08-15", ["nodejs_compat"])[name]).toBe(true);
    expect(resolveCompat("2025-08-14", ["nodejs_compat"])[name]).toBe(false);
    expect(resolveCompat("2026-08-04", []).nodejs_compat).toBe(true);
  });
});

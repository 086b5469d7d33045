/** Values that a config gets where it says nothing (spec/wrangler.md 2.2, 2.5). */

/** Runtime behaviour that drover reproduces by default: the version that spec/rpc.md was read from. */
export const DEFAULT_COMPATIBILITY_DATE = "2026-11-17";

export const DEFAULT_JSX_FACTORY = "React.createElement";
export const DEFAULT_JSX_FRAGMENT = "React.Fragment";

/** `build.watch_dir`, relative to the config. */
export const DEFAULT_BUILD_WATCH_DIR = "./src";

/** `limits.cpu_ms`: production's default of the paid plans. */
export const DEFAULT_CPU_MS = 30_000;

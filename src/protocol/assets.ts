/**
 * What is known of a Worker's static assets (spec/assets.md): read by the session process from its
 * config and folder, used by the host, which serves them. Plain data.
 */

export type HtmlHandling =
  | "auto-trailing-slash"
  | "force-trailing-slash"
  | "drop-trailing-slash"
  | "none";

export type NotFoundHandling = "single-page-application" | "404-page" | "none";

/** `assets` of a config, checked and with its defaults. */
export interface AssetsConfig {
  /** Absolute. */
  readonly directory: string;
  /** Name in `env`; undefined for none. */
  readonly binding: string | undefined;
  readonly htmlHandling: HtmlHandling;
  readonly notFoundHandling: NotFoundHandling;
  readonly runWorkerFirst: boolean | readonly string[];
  /** "/" or "/a/b/". */
  readonly basePath: string;
  /** There is code that answers what no asset does. */
  readonly hasWorker: boolean;
  /** `assets_navigation_prefers_asset_serving` (section 2). */
  readonly navigationPrefersAssets: boolean;
}

/** One rule of `_headers` (section 12). */
export interface HeaderRule {
  /** Path, or `https://host/path`, as written and normalised. */
  readonly path: string;
  readonly unset: readonly string[];
  /** Lower-case name, value. */
  readonly set: readonly (readonly [name: string, value: string])[];
}

/** One rule of `_redirects` (section 13). */
export interface RedirectRule {
  readonly from: string;
  readonly to: string;
  readonly status: number;
}

/** What is in the folder at one moment. */
export interface AssetFiles {
  /** Decoded path with a leading "/", and its content type, "" if unknown. */
  readonly files: readonly (readonly [path: string, contentType: string])[];
  readonly headers: readonly HeaderRule[];
  /** In file order. */
  readonly redirects: readonly RedirectRule[];
}

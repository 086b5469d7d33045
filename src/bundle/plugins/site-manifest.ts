/** The manifest of Workers Sites in a bundle. Asked by bundler.ts, runs in the session process. */
import type { Plugin } from "esbuild";
import { type BundleModule, SITE_MANIFEST } from "../../protocol/bundle.ts";
import { type SiteFolder, siteManifest } from "../../util/site-files.ts";

/** `__STATIC_CONTENT_MANIFEST` becomes a module of the bundle: the files that are there with this build. */
export function siteManifestPlugin(site: SiteFolder): Plugin {
  return {
    name: "drover-site-manifest",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${SITE_MANIFEST}$`) }, ({ path }) => ({
        path,
        namespace: "site-manifest",
      }));
      build.onLoad({ filter: /.*/, namespace: "site-manifest" }, () => ({
        contents: `export default ${JSON.stringify(siteManifest(site))};`,
      }));
    },
  };
}

/** For service-worker format, where the thread makes a global of it: what there is with this build. */
export function siteManifestModule(site: SiteFolder): BundleModule {
  return { name: SITE_MANIFEST, kind: "text", contents: siteManifest(site) };
}

/** esbuild plugin for Workers Sites. Made by bundler.ts, runs in the session process. */
import type { Plugin } from "esbuild";
import { type SiteFolder, siteManifest } from "../../util/site-files.ts";

/** `__STATIC_CONTENT_MANIFEST` becomes a module of the bundle: the files that are there with this build. */
export function siteManifestPlugin(site: SiteFolder): Plugin {
  return {
    name: "drover-site-manifest",
    setup(build) {
      build.onResolve({ filter: /^__STATIC_CONTENT_MANIFEST$/ }, ({ path }) => ({
        path,
        namespace: "site-manifest",
      }));
      build.onLoad({ filter: /.*/, namespace: "site-manifest" }, () => ({
        contents: `export default ${JSON.stringify(siteManifest(site))};`,
      }));
    },
  };
}

/**
 * The router in front of a Worker's default entrypoint (spec/assets.md 6): who answers a request,
 * the user Worker or the asset server, and with what. Pure.
 */
import type { NotFoundHandling } from "../protocol/assets.ts";
import { type AssetOutcome, type AssetRequest, type AssetSite, findAsset } from "./site.ts";

export type RouterOutcome = AssetOutcome | { readonly type: "worker" };

/** `isNavigation`: the request has `Sec-Fetch-Mode: navigate`. */
export function routeRequest(
  site: AssetSite,
  request: AssetRequest,
  isNavigation: boolean,
): RouterOutcome {
  const { config, runWorkerFirst } = site;
  const decision = runWorkerFirst.always ? "worker" : runWorkerFirst.decide(request.pathname);
  if (decision === "worker" && config.hasWorker) return { type: "worker" };
  if (decision === "assets" || !config.hasWorker) {
    return findAsset(site, request, config.notFoundHandling);
  }
  const asks = runWorkerFirst.hasRules || (isNavigation && config.navigationPrefersAssets);
  const notFound: NotFoundHandling = asks ? config.notFoundHandling : "none";
  const outcome = findAsset(site, request, notFound);
  if (outcome.type !== "nothing") {
    // A rewrite to nothing is ours to answer, and then with everything that there is.
    const isFinal = outcome.type === "status" && outcome.status === 404 && !asks;
    return isFinal ? findAsset(site, request, config.notFoundHandling) : outcome;
  }
  return { type: "worker" };
}

/* One Worker that holds the cases of spec/platform.md; what they fetch from it is in pages.js. */
import "./platform/acceptance.js";
import "./platform/acceptance-streams.js";
import "./platform/content-coding.js";
import "./platform/crypto.js";
import "./platform/dom-exception.js";
import "./platform/event-source.js";
import "./platform/events.js";
import "./platform/forms.js";
import "./platform/headers.js";
import "./platform/messaging.js";
import "./platform/node.js";
import "./platform/odds.js";
import "./platform/requests.js";
import "./platform/rewriter.js";
import "./platform/rewriter-tokens.js";
import "./platform/scope.js";
import "./platform/socket-errors.js";
import "./platform/streams.js";
import "./platform/url-pattern.js";
import { serveCases } from "./harness.js";
import { servePage } from "./platform/pages.js";

export default {
  fetch: (request, env, ctx) => servePage(request, env, ctx) ?? serveCases(request, env, ctx),
};

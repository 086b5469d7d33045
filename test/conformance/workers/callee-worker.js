export * from "./callee.js";
export { Peer as default } from "./callee.js";

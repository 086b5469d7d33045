/** A line of `--help`: a flag, a command or an argument, and what it is. Called by commander. */
import { Help } from "commander";
import { wrap } from "./wrap.ts";

/** Less room beside the terms than this, and descriptions stand below them. */
const ROOM = 30;
const BELOW = "      ";

export function formatItem(term: string, termWidth: number, text: string, helper: Help): string {
  const width = helper.helpWidth ?? Number.POSITIVE_INFINITY;
  const room = width - termWidth - 4;
  if (text === "" || room >= ROOM) {
    helper.minWidthToWrap = ROOM;
    return Help.prototype.formatItem.call(helper, term, termWidth, text, helper);
  }
  const below = wrap(text, Math.max(width - BELOW.length, 0)).replace(/^/gm, BELOW);
  return `  ${term}\n${below}`;
}

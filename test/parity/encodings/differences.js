/** Answers of the real runtime that drover does not give, and why. */
export const DIFFERENCES = {
  "2026-02-23": {
    "utf-16le in parts":
      "whether a lone surrogate passes depends on what the decoder has had before, by no rule that was found",
    "utf-16le in parts, fatal": "the same",
  },
};

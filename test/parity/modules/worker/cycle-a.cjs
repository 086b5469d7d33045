exports.early = true;
exports.b = require("./cycle-b.cjs");
exports.late = true;

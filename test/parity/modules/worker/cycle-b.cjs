module.exports = Object.keys(require("./cycle-a.cjs"));

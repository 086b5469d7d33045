import "../nope.js";

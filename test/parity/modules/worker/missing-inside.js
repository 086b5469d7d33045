import "./nope.js";

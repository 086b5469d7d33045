import source other from "./counted.js";
export default other;

import { one } from "./counted.js";
export default one;

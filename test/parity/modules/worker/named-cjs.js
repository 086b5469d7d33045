import { one } from "./plain.cjs";
export default one;

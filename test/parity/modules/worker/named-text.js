import { one } from "./note.txt";
export default one;

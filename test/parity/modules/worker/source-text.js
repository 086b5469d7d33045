import source note from "./note.txt";
export default note;

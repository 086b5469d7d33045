import note from "./note.txt" with { type: "text" };
export default note;

import note from "./note.txt" with { type: "json" };
export default note;

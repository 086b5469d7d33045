import note from "./note.txt" with { foo: "bar" };
export default note;

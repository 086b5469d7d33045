import source wasm from "./empty.wasm";
export default wasm;

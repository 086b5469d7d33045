export default await import.source("./empty.wasm");

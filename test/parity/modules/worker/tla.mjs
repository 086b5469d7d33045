export default await Promise.resolve("settled");

module.exports = (name) => (name === undefined ? require() : require(name));

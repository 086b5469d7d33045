module.exports = { inner: [__filename, __dirname, module.path] };

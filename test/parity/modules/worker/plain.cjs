exports.one = 1;
exports.scope = {
  filename: __filename,
  dirname: __dirname,
  path: module.path,
  module: Object.keys(module),
  moduleKind: Object.prototype.toString.call(module),
  isExports: module.exports === exports,
  thisIsExports: this === exports,
  thisIsGlobal: this === globalThis,
  thisType: typeof this,
  require: [typeof require, require.length, require.name, Object.keys(require)],
  types: [typeof require.resolve, typeof require.cache, typeof require.main],
  extra: [typeof module.id, typeof module.children, typeof module.paths, typeof module.require],
  strict: (() => !this)(),
};

exports.meta = import.meta;

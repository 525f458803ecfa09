module.exports = function single(x) { return x + require('./inner').square(3); };

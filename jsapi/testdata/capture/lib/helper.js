const inner = require('./inner');
const FACTOR = 10;
class Shape { constructor(n) { this.n = n; } area() { return inner.square(this.n) * FACTOR; } }
module.exports = { FACTOR, Shape, scale: (x) => inner.square(x) * FACTOR, adder: (n) => (x) => x + n + FACTOR };

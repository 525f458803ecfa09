/**
 * toLocaleString and its kin of Number, BigInt and Date. A script has them from its start and seldom calls one, so
 * that what knows locales (prelude_locale.js, prelude_dates.js) is loaded by the first call.
 */
const define = (prototype, name, value) => Object.defineProperty(prototype, name, { value, writable: true, configurable: true });

exports.install = () => {
  for (const { prototype } of [Number, BigInt]) {
    define(prototype, 'toLocaleString', { toLocaleString(locales = undefined, options = undefined) {
      const { NumberFormat } = require('prelude_locale');
      return new NumberFormat(locales, options).format(this.valueOf());
    } }.toLocaleString);
  }
  for (const [name, required, defaults] of [['toLocaleString', 'any', 'all'], ['toLocaleDateString', 'date', 'date'], ['toLocaleTimeString', 'time', 'time']]) {
    define(Date.prototype, name, { [name](locales = undefined, options = {}) {
      const ms = Date.prototype.getTime.call(this);
      const { DateTimeFormat } = require('prelude_dates');
      const format = new DateTimeFormat(locales, options, required, defaults);
      return Number.isNaN(ms) ? 'Invalid Date' : format.format(ms);
    } }[name]);
  }
};

/** Intl, as far as prelude_locale.js and prelude_dates.js know: NumberFormat, DateTimeFormat, and English plurals. */
const { NumberFormat, localeOf, unavailable } = require('prelude_locale');
const { DateTimeFormat } = require('prelude_dates');

class PluralRules {
  #ordinal;

  constructor(locales = undefined, options = {}) {
    const locale = localeOf(locales);
    if (!/^en(-|$)/.test(locale)) throw unavailable(`the locale "${locale}" for plurals`);
    this.#ordinal = options.type === 'ordinal';
  }

  select(n) {
    if (!this.#ordinal) return Math.abs(n) === 1 ? 'one' : 'other';
    const [ten, hundred] = [n % 10, n % 100];
    if (ten === 1 && hundred !== 11) return 'one';
    if (ten === 2 && hundred !== 12) return 'two';
    return ten === 3 && hundred !== 13 ? 'few' : 'other';
  }
}

/** The class as a function that may be called without new. */
const callable = (Class, name) => {
  const fn = { [name]: function (...args) { return new Class(...args.slice(0, 2)); } }[name];
  Object.defineProperty(fn, 'prototype', { value: Class.prototype });
  Class.prototype.constructor = fn;
  fn.supportedLocalesOf = Class.supportedLocalesOf;
  return fn;
};
const Intl = { NumberFormat: callable(NumberFormat, 'NumberFormat'), DateTimeFormat: callable(DateTimeFormat, 'DateTimeFormat'), PluralRules,
  getCanonicalLocales: (locales) => (locales === undefined ? [] : [localeOf(locales)]) };
Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });
exports.Intl = Intl;

/**
 * Numbers as people read them: Intl.NumberFormat, which toLocaleString of Number and BigInt use; goja takes that for
 * toString(radix). English is complete but for units and short forms; of other languages the separators are known, and
 * so plain numbers. What is not known is a RangeError with code ERR_INTL_UNAVAILABLE, never a guess.
 */
const NBSP = '\u00a0', NARROW = '\u202f', MINUS = '\u2212';

/** By tag: the separators of groups and of decimals, the digits from which there are groups, the minus, and NaN. */
const languages = {};
for (const [tags, group, point, least = 4, minus = '-', nan = 'NaN'] of [
  ['en en-US en-GB en-CA en-AU en-NZ en-IE ja ja-JP zh zh-CN ko ko-KR th th-TH', ',', '.'],
  ['de de-DE nl nl-NL pt-BR tr tr-TR id id-ID da da-DK', '.', ','],
  ['pt', '.', ','],
  ['es es-ES it it-IT', '.', ',', 5],
  ['fr fr-FR', NARROW, ','],
  ['cs cs-CZ uk uk-UA', NBSP, ','],
  ['ru ru-RU', NBSP, ',', 4, '-', 'не\u00a0число'],
  ['pl pl-PL', NBSP, ',', 5],
  ['sv sv-SE', NBSP, ',', 4, MINUS],
  ['fi fi-FI', NBSP, ',', 4, MINUS, 'epäluku'],
]) for (const tag of tags.split(' ')) languages[tag] = { group, point, least, minus, nan };

exports.unavailable = (what) => Object.assign(
  new RangeError(`${what} is not available in this engine: run the function with engine: 'node'`), { code: 'ERR_INTL_UNAVAILABLE' });

/** The first locale that was asked for, as the caller wrote it but for case. */
exports.localeOf = (locales) => {
  if (locales === undefined) return 'en-US';
  const [first = 'en-US'] = typeof locales === 'string' ? [locales] : [...locales];
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(String(first))) throw new RangeError(`Incorrect locale information provided`);
  const [language, ...rest] = String(first).split('-');
  return [language.toLowerCase(), ...rest.map((p) => (p.length === 2 ? p.toUpperCase() : p))].join('-');
};

const languageOf = (tag) => {
  if (!Object.hasOwn(languages, tag)) throw exports.unavailable(`the locale "${tag}"`);
  return languages[tag];
};

/** Digits and the place of the point of a finite number that is not negative, as its shortest text has them. */
const decimal = (value) => {
  const [mantissa, exponent = '0'] = String(value).split('e');
  const [whole, part = ''] = mantissa.split('.');
  const digits = whole + part;
  const point = whole.length + Number(exponent);
  if (point <= 0) return { digits: '0'.repeat(1 - point) + digits, point: 1 };
  return { digits: digits.padEnd(point, '0'), point };
};

/** Rounds to so many digits in all, half away from zero. */
const cut = ({ digits, point }, length) => {
  if (length < 0) return { digits: '0', point: 1 };
  if (digits.length <= length) return { digits, point };
  if (digits[length] < '5') return { digits: digits.slice(0, length).padEnd(point, '0') || '0', point: Math.max(point, 1) };
  const up = String(BigInt('1' + digits.slice(0, length)) + 1n);
  const carried = up[0] === '2';
  return { digits: (carried ? '1' : '') + up.slice(1).padEnd(point, '0'), point: point + (carried ? 1 : 0) };
};

const decimals = { JPY: 0, KRW: 0, VND: 0, CLP: 0, ISK: 0, HUF: 2, KWD: 3, BHD: 3, JOD: 3, OMR: 3, TND: 3 };
const symbols = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', CNY: 'CN¥', KRW: '₩', BRL: 'R$', CAD: 'CA$', AUD: 'A$', NZD: 'NZ$', MXN: 'MX$', ILS: '₪', VND: '₫', HKD: 'HK$', TWD: 'NT$' };

const integer = (name, value, least, most) => {
  if (value === undefined) return undefined;
  const n = Number(value);
  if (!(n >= least && n <= most)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(n);
};

const choice = (name, value, choices) => {
  if (value === undefined) return choices[0];
  if (!choices.includes(value)) throw new RangeError(`Value ${value} out of range for Intl.NumberFormat options property ${name}`);
  return value;
};

/** How many decimals there may be at least and at most, by what was asked for and the defaults of the style. */
const fraction = (options, least, most) => {
  const min = integer('minimumFractionDigits', options.minimumFractionDigits, 0, 100);
  const max = integer('maximumFractionDigits', options.maximumFractionDigits, 0, 100);
  if (min !== undefined && max !== undefined && min > max) throw new RangeError('maximumFractionDigits value is out of range.');
  return [min ?? Math.min(least, max ?? least), max ?? Math.max(most, min ?? 0)];
};

class NumberFormat {
  #language;

  #options;

  constructor(locales = undefined, options = {}) {
    const locale = exports.localeOf(locales);
    this.#language = languageOf(locale);
    const english = locale.startsWith('en');
    const style = choice('style', options.style, ['decimal', 'percent', 'currency', 'unit']);
    if (style === 'unit') throw exports.unavailable('style: "unit"');
    if (options.notation !== undefined && options.notation !== 'standard') throw exports.unavailable(`notation: "${options.notation}"`);
    for (const name of ['roundingMode', 'roundingIncrement', 'roundingPriority', 'trailingZeroDisplay', 'numberingSystem']) {
      if (options[name] !== undefined) throw exports.unavailable(`the option ${name}`);
    }
    if (style !== 'decimal' && !english) throw exports.unavailable(`style: "${style}" of the locale "${locale}"`);
    const currency = style === 'currency' ? String(options.currency ?? '').toUpperCase() : undefined;
    if (currency === '') throw new TypeError('Currency code is required with currency style.');
    if (currency !== undefined && (!/^[A-Z]{3}$/.test(currency) || locale !== 'en-US' && locale !== 'en')) throw currency.length === 3 ? exports.unavailable(`money of the locale "${locale}"`) : new RangeError(`Invalid currency code : ${options.currency}`);
    if (options.currencyDisplay !== undefined && options.currencyDisplay !== 'symbol' || options.currencySign === 'accounting') throw exports.unavailable('this display of money');
    const usual = { decimal: [0, 3], percent: [0, 0], currency: [decimals[currency] ?? 2, decimals[currency] ?? 2] }[style];
    const [least, most] = fraction(options, ...usual);
    this.#options = { locale, numberingSystem: 'latn', style, currency,
      minimumIntegerDigits: integer('minimumIntegerDigits', options.minimumIntegerDigits, 1, 21) ?? 1,
      minimumFractionDigits: least, maximumFractionDigits: most,
      minimumSignificantDigits: integer('minimumSignificantDigits', options.minimumSignificantDigits, 1, 21),
      maximumSignificantDigits: integer('maximumSignificantDigits', options.maximumSignificantDigits, options.minimumSignificantDigits ?? 1, 21),
      useGrouping: options.useGrouping ?? 'auto', notation: 'standard',
      signDisplay: choice('signDisplay', options.signDisplay, ['auto', 'always', 'never', 'exceptZero', 'negative']) };
    if (!['auto', 'always', 'min2', true, false, 'true', 'false'].includes(this.#options.useGrouping)) throw new RangeError('useGrouping value is out of range.');
    Object.defineProperty(this, 'format', { value: (value) => this.#format(value), configurable: true });
  }

  /** The digits of a number that is not negative, without groups. */
  #digits(value) {
    const { minimumSignificantDigits: least, maximumSignificantDigits: most } = this.#options;
    const exact = decimal(value);
    if (this.#options.style === 'percent') {
      exact.digits = exact.digits.padEnd(exact.point + 2, '0');
      exact.point += 2;
    }
    const leading = /^0*/.exec(exact.digits)[0].length;
    const significant = least !== undefined || most !== undefined;
    const zero = leading === exact.digits.length;
    const length = significant ? leading + (most ?? 21) : exact.point + this.#options.maximumFractionDigits;
    const { digits, point } = cut(exact, zero ? Math.max(length, 1) : length);
    const whole = digits.slice(0, point).replace(/^0+(?=\d)/, '').padStart(this.#options.minimumIntegerDigits, '0');
    const part = digits.slice(point).replace(/0+$/, '');
    if (!significant) return [whole, part.padEnd(this.#options.minimumFractionDigits, '0')];
    const shown = (whole === '0' ? '' : whole).length + part.replace(whole === '0' ? /^0*/ : /^/, '').length;
    return [whole, part + '0'.repeat(Math.max((least ?? 1) - Math.max(shown, zero ? 1 : 0), 0))];
  }

  #grouped(whole) {
    const { useGrouping } = this.#options;
    const least = useGrouping === 'min2' ? 5 : useGrouping === 'always' || useGrouping === true || useGrouping === 'true' ? 4 : this.#language.least;
    if (useGrouping === false || useGrouping === 'false' || whole.length < least) return whole;
    return whole.replace(/\B(?=(?:\d{3})+$)/g, this.#language.group);
  }

  #format(given) {
    const value = typeof given === 'bigint' ? given : Number(given);
    const { style, currency, signDisplay } = this.#options;
    const negative = value < 0 || Object.is(value, -0);
    let text = this.#language.nan;
    let zero = false;
    if (value === Infinity || value === -Infinity) text = '\u221e';
    else if (typeof value === 'bigint' || !Number.isNaN(value)) {
      const [whole, part] = this.#digits(value < 0 ? -value : Object.is(value, -0) ? 0 : value);
      zero = /^0*$/.test(whole + part);
      text = this.#grouped(whole) + (part && this.#language.point + part);
    }
    if (style === 'percent') text += '%';
    if (style === 'currency') text = (symbols[currency] ?? currency + NBSP) + text;
    const minus = negative && signDisplay !== 'never' && !(zero && (signDisplay === 'exceptZero' || signDisplay === 'negative'));
    const plus = !negative && (signDisplay === 'always' || signDisplay === 'exceptZero' && !zero && !Number.isNaN(given));
    return (minus ? this.#language.minus : plus ? '+' : '') + text;
  }

  resolvedOptions() {
    return Object.fromEntries(Object.entries(this.#options).filter(([, v]) => v !== undefined));
  }

  static supportedLocalesOf(locales) {
    return (typeof locales === 'string' ? [locales] : [...locales ?? []]).filter((l) => Object.hasOwn(languages, exports.localeOf(l)));
  }

  get [Symbol.toStringTag]() { return 'Intl.NumberFormat'; }
}
exports.NumberFormat = NumberFormat;

/**
 * Number.prototype.toLocaleString and BigInt's, which goja takes for toString(radix). Languages differ in their
 * separators here, and in nothing else; one that is not in the table gets the English ones. Of the styles there are
 * decimal and percent; another is shown as decimal.
 */
const SPACE = '\u00a0', NARROW = '\u202f';
const separators = {
  de: ['.', ','], es: ['.', ','], it: ['.', ','], nl: ['.', ','], pt: ['.', ','], tr: ['.', ','], id: ['.', ','], da: ['.', ','],
  fr: [NARROW, ','], ru: [SPACE, ','], pl: [SPACE, ','], cs: [SPACE, ','], sv: [SPACE, ','], fi: [SPACE, ','], uk: [SPACE, ','],
  'de-CH': ['\u2019', '.'],
};

const of = (locales) => {
  const tag = String((Array.isArray(locales) ? locales[0] : locales) ?? 'en-US');
  return separators[tag] ?? separators[tag.split('-')[0]] ?? [',', '.'];
};

const digits = (name, value, otherwise) => {
  if (value === undefined) return otherwise;
  if (!(value >= 0 && value <= 100)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(value);
};

/** The digits of a finite number, rounded to between `least` and `most` decimals. */
const rounded = (value, least, most) => {
  if (typeof value === 'bigint') return [String(value), '0'.repeat(least)];
  if (Math.abs(value) >= 1e21) return [String(BigInt(value)), '0'.repeat(least)];
  const [whole, decimals = ''] = value.toFixed(most).split('.');
  return [whole, decimals.slice(0, least) + decimals.slice(least).replace(/0+$/, '')];
};

function toLocaleString(locales = undefined, options = {}) {
  const [group, point] = of(locales);
  const percent = options.style === 'percent';
  const given = this.valueOf();
  const value = percent ? Number(given) * 100 : given;
  if (typeof value === 'number' && Number.isNaN(value)) return 'NaN';
  const least = digits('minimumFractionDigits', options.minimumFractionDigits, 0);
  const most = Math.max(least, digits('maximumFractionDigits', options.maximumFractionDigits, percent ? 0 : 3));
  if (options.maximumFractionDigits < least) throw new RangeError('maximumFractionDigits value is out of range.');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const end = percent ? '%' : '';
  if (value === Infinity || value === -Infinity) return `${sign}\u221e${end}`;
  const [whole, decimals] = rounded(value < 0 ? -value : value, least, most);
  const grouped = options.useGrouping === false ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, group);
  return sign + grouped + (decimals && point + decimals) + end;
}

exports.install = () => {
  for (const { prototype } of [Number, BigInt]) {
    Object.defineProperty(prototype, 'toLocaleString', { value: toLocaleString, writable: true, configurable: true });
  }
};

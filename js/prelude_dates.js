/**
 * Dates as people read them, in English of the United States: Intl.DateTimeFormat, which the toLocale functions of Date use.
 * binding.zone(name, milliseconds) gives [name, seconds east of Greenwich, abbreviation] of a time zone, "" being the
 * worker's own. What is not known is a RangeError with code ERR_INTL_UNAVAILABLE, never a guess.
 */
const { localeOf, unavailable } = require('prelude_locale');

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const styles = {
  date: {
    full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }, long: { year: 'numeric', month: 'long', day: 'numeric' },
    medium: { year: 'numeric', month: 'short', day: 'numeric' }, short: { year: '2-digit', month: 'numeric', day: 'numeric' },
  },
  time: {
    full: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'long' },
    long: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
    medium: { hour: 'numeric', minute: '2-digit', second: '2-digit' }, short: { hour: 'numeric', minute: '2-digit' },
  },
};
const values = {
  weekday: ['long', 'short', 'narrow'], year: ['numeric', '2-digit'], month: ['numeric', '2-digit', 'long', 'short', 'narrow'],
  day: ['numeric', '2-digit'], hour: ['numeric', '2-digit'], minute: ['numeric', '2-digit'], second: ['numeric', '2-digit'],
  fractionalSecondDigits: [1, 2, 3], timeZoneName: ['short', 'long'], hourCycle: ['h12', 'h23', 'h24', 'h11'],
};
const dateNames = ['weekday', 'year', 'month', 'day'];
const timeNames = ['hour', 'minute', 'second', 'fractionalSecondDigits'];
/** The parts of a date that English has a pattern for, in order. */
const patterns = ['', 'weekday', 'year', 'month', 'day', 'year month', 'month day', 'year month day', 'weekday month day', 'weekday year month day'];

const two = (n) => String(n).padStart(2, '0');
const sized = (n, size) => (size === '2-digit' ? two(n % 100) : String(n));

/** What was asked for, checked; required and defaults are "date", "time" or "any", and "date", "time" or "all". */
function optionsOf(options, required, defaults) {
  const { dateStyle, timeStyle } = options;
  for (const name of ['era', 'dayPeriod', 'calendar', 'numberingSystem']) if (options[name] !== undefined) throw unavailable(`the option ${name}`);
  const given = Object.keys(values).filter((name) => options[name] !== undefined);
  for (const name of given) {
    const value = name === 'fractionalSecondDigits' ? Number(options[name]) : options[name];
    if (!values[name].includes(value)) throw new RangeError(`Value ${options[name]} out of range for Intl.DateTimeFormat options property ${name}`);
  }
  if (dateStyle !== undefined || timeStyle !== undefined) {
    for (const [kind, style] of [['date', dateStyle], ['time', timeStyle]]) {
      if (style !== undefined && !Object.hasOwn(styles[kind], style)) throw new RangeError(`Value ${style} out of range for Intl.DateTimeFormat options property ${kind}Style`);
    }
    const clash = given.find((name) => name !== 'hourCycle');
    if (clash !== undefined) throw new TypeError(`Can't set option ${clash} when ${dateStyle === undefined ? 'timeStyle' : 'dateStyle'} is used`);
    if (required === 'date' && timeStyle !== undefined || required === 'time' && dateStyle !== undefined) throw new TypeError(`Invalid option : ${required === 'date' ? 'timeStyle' : 'dateStyle'}`);
    return { ...styles.date[dateStyle], ...styles.time[timeStyle], long: dateStyle === 'full' || dateStyle === 'long' };
  }
  const has = (names) => names.some((name) => options[name] !== undefined);
  const out = Object.fromEntries(given.map((name) => [name, options[name]]));
  const wants = required !== 'time' && has(dateNames) || required !== 'date' && has(timeNames);
  if (!wants && defaults !== 'time') Object.assign(out, { year: 'numeric', month: 'numeric', day: 'numeric' });
  if (!wants && defaults !== 'date') Object.assign(out, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
  return { ...out, long: out.month === 'long' };
}

class DateTimeFormat {
  #options;

  #zone;

  #cycle;

  constructor(locales = undefined, options = {}, required = 'any', defaults = 'date') {
    const locale = localeOf(locales);
    if (locale !== 'en-US' && locale !== 'en') throw unavailable(`the locale "${locale}" for dates`);
    this.#options = optionsOf(options, required, defaults);
    const pattern = dateNames.filter((name) => this.#options[name] !== undefined).join(' ');
    if (!patterns.includes(pattern)) throw unavailable(`a date of ${pattern.replaceAll(' ', ' and ')}`);
    const { hour12 } = options;
    this.#cycle = hour12 === undefined ? options.hourCycle ?? 'h12' : hour12 ? 'h12' : 'h24';
    if (this.#cycle === 'h11') throw unavailable('hourCycle: "h11"');
    this.#zone = options.timeZone === undefined ? '' : String(options.timeZone);
    if (binding.zone(this.#zone, 0) === undefined || options.timeZone === '') throw new RangeError(`Invalid time zone specified: ${options.timeZone}`);
    Object.defineProperty(this, 'format', { value: (date) => this.#format(date), configurable: true });
  }

  #format(date) {
    const ms = date === undefined ? Date.now() : Number(date);
    if (!(Math.abs(ms) <= 8.64e15)) throw new RangeError('Invalid time value');
    const zone = binding.zone(this.#zone, ms);
    const at = new Date(ms + zone[1] * 1000);
    const day = this.#day(at);
    const time = this.#time(at, zone);
    if (!day || !time) return day + time;
    const { long, weekday, year, month, day: number } = this.#options;
    return day + (long ? ' at ' : weekday && !year && !month && !number ? ' ' : ', ') + time;
  }

  #day(at) {
    const { weekday, year, month, day } = this.#options;
    const name = (list, i, size) => (size === 'long' ? list[i] : list[i].slice(0, size === 'short' ? 3 : 1));
    const y = year && (at.getUTCFullYear() > 0 ? sized(at.getUTCFullYear(), year) : sized(1 - at.getUTCFullYear(), year));
    if (year && at.getUTCFullYear() <= 0) throw unavailable('a year before 1');
    const d = day && sized(at.getUTCDate(), day);
    const w = weekday && name(weekdays, at.getUTCDay(), weekday);
    let text;
    if (month === 'numeric' || month === '2-digit') {
      text = [sized(at.getUTCMonth() + 1, month), d, y].filter(Boolean).join('/');
    } else {
      text = [month && name(months, at.getUTCMonth(), month), d].filter(Boolean).join(' ');
      if (y) text += text ? (d ? ', ' : ' ') + y : y;
    }
    return [w, text].filter(Boolean).join(', ');
  }

  #time(at, zone) {
    const { hour, minute, second, fractionalSecondDigits: digits, timeZoneName } = this.#options;
    const h = at.getUTCHours();
    const parts = [];
    if (hour) {
      const shown = this.#cycle === 'h12' ? h % 12 || 12 : this.#cycle === 'h24' ? h || 24 : h;
      parts.push(hour === '2-digit' || this.#cycle !== 'h12' ? two(shown) : String(shown));
    }
    if (minute) parts.push(hour || second ? two(at.getUTCMinutes()) : String(at.getUTCMinutes()));
    if (second || digits) {
      const s = minute ? two(at.getUTCSeconds()) : String(at.getUTCSeconds());
      parts.push(digits ? `${s}.${String(at.getUTCMilliseconds()).padStart(3, '0').slice(0, digits)}` : s);
    }
    let text = parts.join(':');
    if (hour && this.#cycle === 'h12') text += h < 12 ? ' AM' : ' PM';
    if (timeZoneName) text += (text ? ' ' : '') + this.#zoneName(zone, timeZoneName);
    return text;
  }

  #zoneName([name, seconds, short], size) {
    const utc = /^(UTC|Etc\/UTC|Etc\/UCT|UCT|Zulu|Etc\/Zulu)$/.test(name);
    if (size === 'long') {
      if (utc) return 'Coordinated Universal Time';
      throw unavailable('the long name of a time zone');
    }
    if (utc) return 'UTC';
    if (name === '') throw unavailable("the name of this machine's time zone");
    if (/^(America|US)\/|^Pacific\/Honolulu$/.test(name) && /^(E|C|M|P|AK)[SD]T$|^HST$/.test(short)) return short;
    if (seconds === 0) return 'GMT';
    const minutes = Math.abs(Math.round(seconds / 60));
    return `GMT${seconds < 0 ? '-' : '+'}${Math.floor(minutes / 60)}${minutes % 60 ? ':' + two(minutes % 60) : ''}`;
  }

  resolvedOptions() {
    const { long, ...options } = this.#options;
    return { locale: 'en-US', calendar: 'gregory', numberingSystem: 'latn', timeZone: binding.zone(this.#zone, 0)[0] || undefined, ...options,
      ...(options.hour && { hourCycle: this.#cycle, hour12: this.#cycle === 'h12' }) };
  }

  static supportedLocalesOf(locales) {
    return (typeof locales === 'string' ? [locales] : [...locales ?? []]).filter((l) => /^en(-US)?$/.test(localeOf(l)));
  }

  get [Symbol.toStringTag]() { return 'Intl.DateTimeFormat'; }
}
exports.DateTimeFormat = DateTimeFormat;

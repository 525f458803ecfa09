/** The module "querystring". */
const { codes } = require('errors');

/** Characters that stay as they are. */
const PLAIN = /[A-Za-z0-9\-_.!~*'()]/;

function qsEscape(value) {
  let text = value;
  if (typeof text !== 'string') text = typeof text === 'object' ? String(text) : `${text}`;
  let out = '';
  for (const char of text) {
    if (PLAIN.test(char)) {
      out += char;
      continue;
    }
    try {
      out += encodeURIComponent(char);
    } catch {
      throw new codes.ERR_INVALID_URI();
    }
  }
  return out;
}

/** The bytes of text with %XX decoded; + as a space if asked. */
function unescapeBuffer(text, spaces) {
  const { Buffer } = require('buffer');
  const source = Buffer.from(`${text}`);
  const out = Buffer.alloc(source.length);
  let n = 0;
  for (let i = 0; i < source.length; i++) {
    let byte = source[i];
    if (byte === 43 && spaces) byte = 32;
    else if (byte === 37 && i + 2 < source.length) {
      const code = source.toString('latin1', i + 1, i + 3);
      if (/^[0-9a-fA-F]{2}$/.test(code)) {
        byte = Number.parseInt(code, 16);
        i += 2;
      }
    }
    out[n] = byte;
    n += 1;
  }
  return out.subarray(0, n);
}

function qsUnescape(text, spaces) {
  try {
    return decodeURIComponent(text);
  } catch {
    return unescapeBuffer(text, spaces).toString();
  }
}

function primitive(value, encode) {
  if (typeof value === 'string') return value.length > 0 ? encode(value) : '';
  if (typeof value === 'number') return Number.isFinite(value) ? encode(`${value}`) : '';
  if (typeof value === 'bigint' || typeof value === 'boolean') return encode(`${value}`);
  return '';
}

function stringify(object, sep = '&', eq = '=', options = undefined) {
  const encode = options && typeof options.encodeURIComponent === 'function' ? options.encodeURIComponent : module.exports.escape;
  if (object === null || typeof object !== 'object') return '';
  const fields = [];
  for (const key of Object.keys(object)) {
    const value = object[key];
    const start = `${primitive(key, encode)}${eq || '='}`;
    if (Array.isArray(value)) for (const item of value) fields.push(start + primitive(item, encode));
    else fields.push(start + primitive(value, encode));
  }
  return fields.join(sep || '&');
}

function parse(text, sep = '&', eq = '=', options = undefined) {
  const result = Object.create(null);
  if (typeof text !== 'string' || text.length === 0) return result;
  const custom = options && typeof options.decodeURIComponent === 'function' ? options.decodeURIComponent : undefined;
  const decode = custom || module.exports.unescape;
  const safe = (part) => {
    const spaced = part.includes('+') ? part.replace(/\+/g, custom ? '%20' : ' ') : part;
    if (!custom && !spaced.includes('%')) return spaced;
    try {
      return decode(spaced);
    } catch {
      return qsUnescape(spaced, true);
    }
  };
  let fields = text.split(`${sep || '&'}`);
  const most = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
  if (most > 0 && fields.length > most) fields = fields.slice(0, most);
  const mark = `${eq || '='}`;
  for (const field of fields) {
    if (field.length === 0) continue;
    const at = field.indexOf(mark);
    const key = safe(at < 0 ? field : field.slice(0, at));
    const value = at < 0 ? '' : safe(field.slice(at + mark.length));
    if (!(key in result)) result[key] = value;
    else if (Array.isArray(result[key])) result[key].push(value);
    else result[key] = [result[key], value];
  }
  return result;
}

module.exports = { unescapeBuffer, unescape: qsUnescape, escape: qsEscape, stringify, encode: stringify, parse, decode: parse };

/** Hosts of the URL Standard: domains, IPv4, IPv6, opaque ones (https://url.spec.whatwg.org/#host-parsing). */
const { encode, decode, C0 } = require('url_encode');

const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

/** A part of an IPv4 address: decimal, 0x hexadecimal, 0 octal; NaN if it is none. */
function parseNumber(part) {
  if (/^0[xX][0-9a-fA-F]*$/.test(part)) return part.length === 2 ? 0 : Number.parseInt(part.slice(2), 16);
  if (/^0[0-7]+$/.test(part)) return Number.parseInt(part, 8);
  return /^(0|[1-9][0-9]*)$/.test(part) ? Number(part) : NaN;
}

function endsInNumber(domain) {
  const parts = domain.split('.');
  if (parts[parts.length - 1] === '' && parts.length > 1) parts.pop();
  const last = parts[parts.length - 1];
  return /^[0-9]+$/.test(last) || /^0[xX][0-9a-fA-F]*$/.test(last);
}

/** The address in dots, null if it is none. */
function parseIPv4(domain) {
  const parts = domain.split('.');
  if (parts[parts.length - 1] === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return null;
  const numbers = parts.map(parseNumber);
  if (numbers.some(Number.isNaN)) return null;
  const last = numbers.pop();
  if (numbers.some((n) => n > 255) || last >= 256 ** (4 - numbers.length)) return null;
  const address = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');
}

/** Eight pieces of an IPv6 address, null if it is none. */
function piecesOf(text) {
  let body = text;
  const tail = /(^|:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(body);
  if (tail) {
    const [a, b, c, d] = tail.slice(2).map(Number);
    if ([a, b, c, d].some((n) => n > 255) || tail.slice(2).some((t) => t.length > 1 && t[0] === '0')) return null;
    body = `${body.slice(0, tail.index)}${tail[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (!groups.flat().every((g) => /^[0-9a-fA-F]{1,4}$/.test(g))) return null;
  const count = groups.flat().length;
  if (halves.length === 1 ? count !== 8 : count > 7) return null;
  const filled = halves.length === 1 ? groups[0] : [...groups[0], ...Array(8 - count).fill('0'), ...groups[1]];
  return filled.map((g) => Number.parseInt(g, 16));
}

/** The address with its longest run of zeros as "::". */
function serializeIPv6(pieces) {
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && pieces[i + length] === 0) length += 1;
    if (length > best.length) best = { start: i, length };
    i += length;
  }
  const hex = (list) => list.map((n) => n.toString(16)).join(':');
  if (best.start < 0) return hex(pieces);
  return `${hex(pieces.slice(0, best.start))}::${hex(pieces.slice(best.start + best.length))}`;
}

/** A domain in ASCII, null if it cannot be. The native side knows the whole of UTS 46. */
function toASCII(domain) {
  if (!/[^\0-\x7f]/.test(domain) && !/(^|\.)xn--/i.test(domain)) return domain.toLowerCase();
  if (binding && binding.toASCII) {
    const text = binding.toASCII(domain);
    return text === undefined ? null : text;
  }
  const { encode: punycode } = require('url_punycode');
  return domain.normalize('NFKC').toLowerCase().replace(/[\u3002\uff0e\uff61]/g, '.').split('.')
    .map((label) => (/[^\0-\x7f]/.test(label) ? `xn--${punycode(label)}` : label)).join('.');
}

/**
 * The host as it is kept, null if it is none.
 * @param {string} input
 * @param {boolean} special whether the scheme is one of http and its kin
 */
function parseHost(input, special) {
  if (input[0] === '[') {
    const pieces = input.endsWith(']') ? piecesOf(input.slice(1, -1)) : null;
    return pieces === null ? null : `[${serializeIPv6(pieces)}]`;
  }
  if (!special) return FORBIDDEN.test(input) ? null : encode(input, C0);
  const domain = toASCII(decode(input));
  if (domain === null || domain === '' || FORBIDDEN_DOMAIN.test(domain)) return null;
  return endsInNumber(domain) ? parseIPv4(domain) : domain;
}

module.exports = { parseHost };

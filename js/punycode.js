/** The module "punycode", deprecated in node: domain names in ASCII and back. */
const { encode, decode: read } = require('url_punycode');

/** The text of a Punycode label; throws where there is none. */
function decode(label) {
  const text = read(label);
  if (text === label && label !== '' && !label.endsWith('-')) throw new RangeError('Invalid input');
  return text;
}

/** Applies change to each label of a domain, or of the domain in an address. */
function labels(text, change) {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1).replace(/[\u3002\uff0e\uff61]/g, '.');
  return text.slice(0, at + 1) + domain.split('.').map(change).join('.');
}

module.exports = {
  version: '2.1.0',
  ucs2: {
    decode: (text) => Array.from(text, (char) => char.codePointAt(0)),
    encode: (points) => String.fromCodePoint(...points),
  },
  decode,
  encode,
  toASCII: (text) => labels(text, (label) => (/[^\0-\x7f]/.test(label) ? `xn--${encode(label)}` : label)),
  toUnicode: (text) => labels(text, (label) => (/^xn--/.test(label) ? decode(label.slice(4).toLowerCase()) : label)),
};

/** Percent-encoding of the URL Standard (https://url.spec.whatwg.org/#percent-encoded-bytes). */

const set = (chars, base = () => false) => (code) => base(code) || chars.includes(String.fromCharCode(code));
const C0 = (code) => code <= 0x1f || code > 0x7e;
const FRAGMENT = set(' "<>`', C0);
const QUERY = set(' "#<>', C0);
const SPECIAL_QUERY = set("'", QUERY);
const PATH = set('?`{}', QUERY);
const USERINFO = set('/:;=@[\\]^|', PATH);

/** Text with each character of the set as the %XX of its UTF-8 bytes. */
function encode(text, inSet) {
  let plain = true;
  for (let i = 0; i < text.length && plain; i++) plain = !inSet(text.charCodeAt(i));
  if (plain) return text;
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0);
    if (code > 0x7f) {
      const lone = code >= 0xd800 && code <= 0xdfff;
      out += lone ? '%EF%BF%BD' : encodeURIComponent(char);
    } else {
      out += inSet(code) ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : char;
    }
  }
  return out;
}

/** The bytes of text with %XX decoded, read as UTF-8; what is no UTF-8 becomes U+FFFD. */
function decode(text) {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-fA-F]{2})/g, '%25'));
  } catch {
    const bytes = [];
    const source = new TextEncoder().encode(text);
    for (let i = 0; i < source.length; i++) {
      const hex = source[i] === 37 ? String.fromCharCode(source[i + 1], source[i + 2]) : '';
      if (/^[0-9a-fA-F]{2}$/.test(hex)) {
        bytes.push(Number.parseInt(hex, 16));
        i += 2;
      } else bytes.push(source[i]);
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
  }
}

module.exports = { encode, decode, C0, FRAGMENT, QUERY, SPECIAL_QUERY, PATH, USERINFO };

/** Punycode of RFC 3492, to read domain names. */

const BASE = 36;
const MIN = 1;
const MAX = 26;

function adapt(delta, count, first) {
  let rest = first ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - MIN) * MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - MIN));
  return Math.floor(k + ((BASE - MIN + 1) * rest) / (rest + 38));
}

function digit(code) {
  if (code >= 48 && code < 58) return code - 22;
  return (code | 32) - 97;
}

/** The text of a label without its "xn--"; a label that is none comes back as it is. */
function decode(label) {
  const at = Math.max(0, label.lastIndexOf('-'));
  const out = Array.from(label.slice(0, at));
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at2 = at > 0 ? at + 1 : 0; at2 < label.length;) {
    const start = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      if (at2 >= label.length) return label;
      const value = digit(label.charCodeAt(at2));
      at2 += 1;
      if (value < 0 || value >= BASE) return label;
      i += value * weight;
      const limit = k <= bias ? MIN : Math.min(MAX, k - bias);
      if (value < limit) break;
      weight *= BASE - limit;
    }
    bias = adapt(i - start, out.length + 1, start === 0);
    n += Math.floor(i / (out.length + 1));
    i %= out.length + 1;
    if (n > 0x10ffff) return label;
    out.splice(i, 0, String.fromCodePoint(n));
    i += 1;
  }
  return out.join('');
}

module.exports = { decode };

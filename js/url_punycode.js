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

const letter = (value) => String.fromCharCode(value < 26 ? value + 97 : value + 22);

/** A label in ASCII, without "xn--". */
function encode(label) {
  const points = Array.from(label, (char) => char.codePointAt(0));
  let out = points.filter((code) => code < 128).map((code) => String.fromCharCode(code)).join('');
  let done = out.length;
  const basic = done;
  if (basic > 0) out += '-';
  let n = 128;
  let delta = 0;
  let bias = 72;
  while (done < points.length) {
    const next = Math.min(...points.filter((code) => code >= n));
    delta += (next - n) * (done + 1);
    n = next;
    for (const code of points) {
      if (code < n) delta += 1;
      if (code !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const limit = k <= bias ? MIN : Math.min(MAX, k - bias);
        if (q < limit) break;
        out += letter(limit + ((q - limit) % (BASE - limit)));
        q = Math.floor((q - limit) / (BASE - limit));
      }
      out += letter(q);
      bias = adapt(delta, done + 1, done === basic);
      delta = 0;
      done += 1;
    }
    delta += 1;
    n += 1;
  }
  return out;
}

module.exports = { decode, encode };

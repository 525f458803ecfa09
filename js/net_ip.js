/** net.isIP and what it is made of. */
const BYTE = '(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])';
const V4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`);
const ZONE = /%[0-9a-zA-Z-.:]+$/;

const isIPv4 = (text) => V4.test(`${text}`);

function isIPv6(given) {
  let text = `${given}`.replace(ZONE, '');
  const last = text.lastIndexOf(':');
  if (last < 0) return false;
  if (text.includes('.')) {
    if (!isIPv4(text.slice(last + 1))) return false;
    text = `${text.slice(0, last + 1)}0:0`;
  }
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

function isIP(text) {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

/** An address as one BigInt, of 32 or 128 bits. */
function toNumber(text, family) {
  if (family === 4) return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  let plain = text.replace(ZONE, '');
  const v4 = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (v4) {
    const n = Number(toNumber(v4[2], 4));
    plain = `${v4[1]}${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;
  }
  const [head, tail] = plain.split('::');
  const groups = (half) => (half === undefined || half === '' ? [] : half.split(':'));
  const front = groups(head);
  const back = groups(tail);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}

module.exports = { isIP, isIPv4, isIPv6, toNumber };

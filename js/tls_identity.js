/** tls.checkServerIdentity: whether a certificate is of the host that was meant (RFC 6125). */
const { codes } = require('errors');
const { isIP } = require('net_ip');

const bare = (name) => (name.endsWith('.') ? name.slice(0, -1) : name);
const parts = (name) => bare(name).toLowerCase().split('.');

/** Whether a name of a certificate, perhaps with a wildcard in its first part, is host. */
function matches(host, pattern) {
  if (!pattern) return false;
  const wanted = parts(host);
  const given = parts(pattern);
  if (wanted.length !== given.length || given.includes('')) return false;
  if (given.some((part) => /[^\x21-\x7e]/.test(part))) return false;
  for (let i = given.length - 1; i > 0; i -= 1) if (given[i] !== wanted[i]) return false;
  const [first] = given;
  const pieces = first.split('*');
  if (pieces.length === 1 || first.includes('xn--')) return first === wanted[0];
  if (pieces.length > 2 || given.length <= 2) return false;
  const [head, tail] = pieces;
  return head.length + tail.length <= wanted[0].length && wanted[0].startsWith(head) && wanted[0].endsWith(tail);
}

/** An address in its one form. */
const canonical = (ip) => (isIP(ip) === 6 ? new URL(`http://[${ip}]/`).hostname : ip);

/** "DNS:a, IP Address:b" taken apart; a name that holds a comma is quoted. */
function alternatives(text) {
  const found = { dns: [], ips: [], other: false };
  const items = text.includes('"') ? text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g).map((s) => s.trim()) : text.split(', ');
  for (const item of items) {
    if (item.startsWith('DNS:')) {
      const name = item.slice(4);
      found.dns.push(name.startsWith('"') ? JSON.parse(name) : name);
    } else if (item.startsWith('IP Address:')) found.ips.push(canonical(item.slice(11)));
    else found.other = true;
  }
  return found;
}

/** @returns {Error|undefined} why cert is not the host's */
function checkServerIdentity(hostname, cert) {
  const host = `${hostname}`;
  const { subject, subjectaltname } = cert;
  const { dns, ips } = subjectaltname ? alternatives(subjectaltname) : { dns: [], ips: [] };
  let reason;
  if (isIP(host)) {
    if (ips.includes(canonical(host))) return undefined;
    reason = `IP: ${host} is not in the cert's list: ${ips.join(', ')}`;
  } else if (dns.length > 0 || (subject && subject.CN)) {
    const wanted = bare(host);
    if (dns.length > 0) {
      if (dns.some((name) => matches(wanted, name))) return undefined;
      reason = `Host: ${wanted}. is not in the cert's altnames: ${subjectaltname}`;
    } else {
      const names = [].concat(subject.CN);
      if (names.some((name) => matches(wanted, name))) return undefined;
      reason = `Host: ${wanted}. is not cert's CN: ${names.join(',')}`;
    }
  } else {
    reason = 'Cert does not contain a DNS name';
  }
  return Object.assign(new codes.ERR_TLS_CERT_ALTNAME_INVALID(reason), { reason, host, cert });
}

module.exports = { checkServerIdentity };

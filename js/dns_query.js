/** The questions of dns as promises; dns.js gives them callbacks. */
const native = require('dns_native');
const { codes } = require('errors');
const { isIP } = require('net_ip');
const { dnsException } = require('system_error');
const { validateString, validateOneOf, validateBoolean, validateInteger } = require('validators');

const ADDRCONFIG = 1024;
const ALL = 256;
const V4MAPPED = 2048;

const ORDERS = ['verbatim', 'ipv4first', 'ipv6first'];
const settings = { order: 'verbatim', servers: [] };

/** The options of lookup, checked: {family, all, order}. */
function lookupOptions(hostname, options) {
  if (hostname) validateString(hostname, 'hostname');
  let given = options;
  if (typeof given === 'number') given = { family: given };
  if (given !== undefined && given !== null && typeof given !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', ['integer', 'object'], given);
  const { family = 0, all = false, verbatim, hints, order } = given || {};
  if (hints !== undefined && hints !== null) {
    require('validators').validateNumber(hints, 'options.hints');
    if ((hints & ~(ADDRCONFIG | ALL | V4MAPPED)) !== 0) throw new codes.ERR_INVALID_ARG_VALUE('hints', hints);
  }
  const kind = { IPv4: 4, IPv6: 6 }[family] ?? family;
  if (family !== undefined && family !== null) validateOneOf(kind, given && typeof options === 'object' ? 'options.family' : 'family', [0, 4, 6]);
  if (all !== undefined && all !== null) validateBoolean(all, 'options.all');
  if (verbatim !== undefined && verbatim !== null) validateBoolean(verbatim, 'options.verbatim');
  if (order !== undefined && order !== null) validateOneOf(order, 'options.order', ORDERS);
  let wanted = settings.order;
  if (verbatim !== undefined && verbatim !== null) wanted = verbatim ? 'verbatim' : 'ipv4first';
  return { family: kind || 0, all: Boolean(all), order: order ?? wanted };
}

/** [{address, family}] of a name; an address is its own answer. */
async function lookup(hostname, { family, order }) {
  const kind = isIP(hostname);
  if (kind) return [{ address: hostname, family: kind }];
  let list;
  try {
    list = await native.lookup(hostname);
  } catch (fault) {
    throw dnsException(fault, 'getaddrinfo', hostname);
  }
  let found = list.map(([address, f]) => ({ address, family: f })).filter((a) => family === 0 || a.family === family);
  if (found.length === 0) throw dnsException([-3008, 'ENOTFOUND'], 'getaddrinfo', hostname);
  if (order !== 'verbatim') {
    const first = order === 'ipv4first' ? 4 : 6;
    found = [...found.filter((a) => a.family === first), ...found.filter((a) => a.family !== first)];
  }
  return found;
}

/** How an answer of each type looks. */
const shapes = {
  A: (r, { ttl }) => (ttl ? r.map((address) => ({ address, ttl: 0 })) : r),
  AAAA: (r, { ttl }) => (ttl ? r.map((address) => ({ address, ttl: 0 })) : r),
  MX: (r) => r.map(([exchange, priority]) => ({ exchange, priority })),
  SRV: (r) => r.map(([name, port, priority, weight]) => ({ name, port, priority, weight })),
  TXT: (r) => r.map((text) => [text]),
  NS: (r) => r,
  CNAME: (r) => r,
  PTR: (r) => r,
};

/** Asks the domain name system; servers as getServers lists them. */
async function query(type, name, options, servers) {
  if (!shapes[type]) throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`dns.resolve('${type}')`);
  const where = servers.map((s) => (isIP(s) === 6 ? `[${s}]:53` : isIP(s) === 4 ? `${s}:53` : s)).join(',');
  const syscall = `query${{ A: 'A', AAAA: 'Aaaa' }[type] || type[0] + type.slice(1).toLowerCase()}`;
  try {
    return shapes[type](await native.query(type, name, where), options || {});
  } catch (fault) {
    if (!Array.isArray(fault)) throw fault;
    throw dnsException(fault[1] === 'EAI_AGAIN' ? [fault[0], 'ETIMEOUT'] : fault, syscall, name);
  }
}

async function reverse(address, servers) {
  if (!isIP(address)) throw dnsException([-22, 'EINVAL'], 'getHostByAddr', address);
  try {
    return await native.query('PTR', address, servers.join(','));
  } catch (fault) {
    throw dnsException(fault, 'getHostByAddr', address);
  }
}

async function lookupService(address, port) {
  const [hostname] = await native.service(address);
  const names = { 21: 'ftp', 22: 'ssh', 25: 'smtp', 53: 'domain', 80: 'http', 110: 'pop3', 143: 'imap', 443: 'https' };
  return { hostname, service: names[port] || String(port) };
}

/** Checks what setServers was given and returns it as getServers shows it. */
function serverList(servers) {
  require('validators').validateArray(servers, 'servers');
  return servers.map((server, i) => {
    validateString(server, `servers[${i}]`);
    const parts = /^\[([^[\]]*)\](?::(\d+))?$/.exec(server) || /^([^:]*):(\d+)$/.exec(server);
    const host = parts ? parts[1] : server;
    if (!isIP(host)) throw new codes.ERR_INVALID_IP_ADDRESS(server);
    if (!parts || !parts[2] || parts[2] === '53') return host;
    validateInteger(Number(parts[2]), 'port', 1, 65535);
    return isIP(host) === 6 ? `[${host}]:${parts[2]}` : `${host}:${parts[2]}`;
  });
}

module.exports = { ADDRCONFIG, ALL, V4MAPPED, ORDERS, settings, shapes, lookupOptions, lookup, query, reverse, lookupService, serverList };

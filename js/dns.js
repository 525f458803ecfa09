/** The module "dns". */
const q = require('dns_query');
const { codes } = require('errors');
const { validateFunction, validateString, validateOneOf } = require('validators');

/** Gives a promise's outcome to callback. */
function settle(promise, callback, spread = (value) => [value]) {
  promise.then((value) => process.nextTick(callback, null, ...spread(value)), (err) => process.nextTick(callback, err));
}

function lookup(hostname, options, callback) {
  const done = typeof options === 'function' ? options : callback;
  const given = typeof options === 'function' ? undefined : options;
  validateFunction(done, 'callback');
  const checked = q.lookupOptions(hostname, given);
  if (!hostname) {
    const answer = { address: null, family: checked.family === 6 ? 6 : 4 };
    if (checked.all) process.nextTick(done, null, []);
    else process.nextTick(done, null, answer.address, answer.family);
    return {};
  }
  settle(q.lookup(hostname, checked), done, (list) => (checked.all ? [list] : [list[0].address, list[0].family]));
  return { hostname };
}
Object.defineProperty(lookup, Symbol.for('nodejs.util.promisify.custom'), { value: (...args) => require('dns_promises').lookup(...args) });

function lookupService(address, port, callback) {
  if (arguments.length !== 3) throw new codes.ERR_MISSING_ARGS('address', 'port', 'callback');
  if (require('net_ip').isIP(address) === 0) throw new codes.ERR_INVALID_ARG_VALUE('address', address);
  require('net_args').validatePort(port);
  validateFunction(callback, 'callback');
  settle(q.lookupService(address, +port), callback, ({ hostname, service }) => [hostname, service]);
}

/** The methods that ask name servers; servers() gives those to ask. */
function resolvers(servers) {
  const ask = (type) => function resolveType(name, options, callback) {
    const done = typeof options === 'function' ? options : callback;
    validateString(name, 'name');
    validateFunction(done, 'callback');
    settle(q.query(type, name, typeof options === 'object' ? options : {}, servers()), done);
    return { hostname: name };
  };
  const methods = {};
  for (const [method, type] of [['resolve4', 'A'], ['resolve6', 'AAAA'], ['resolveMx', 'MX'], ['resolveNs', 'NS'], ['resolveTxt', 'TXT'],
    ['resolveSrv', 'SRV'], ['resolveCname', 'CNAME'], ['resolvePtr', 'PTR'], ['resolveSoa', 'SOA'], ['resolveNaptr', 'NAPTR'],
    ['resolveCaa', 'CAA'], ['resolveAny', 'ANY'], ['resolveTlsa', 'TLSA']]) methods[method] = ask(type);
  methods.resolve = (name, type, callback) => {
    const kind = typeof type === 'string' ? type : 'A';
    if (type !== undefined && typeof type !== 'string' && typeof type !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('rrtype', 'string', type);
    if (!/^(A|AAAA|MX|NS|TXT|SRV|CNAME|PTR|SOA|NAPTR|CAA|ANY|TLSA)$/.test(kind)) throw new codes.ERR_INVALID_ARG_VALUE('rrtype', kind);
    return ask(kind)(name, typeof type === 'function' ? type : callback);
  };
  methods.reverse = (address, callback) => {
    validateString(address, 'name');
    validateFunction(callback, 'callback');
    if (!require('net_ip').isIP(address)) throw require('system_error').dnsException([-22, 'EINVAL'], 'getHostByAddr', address);
    settle(q.reverse(address, servers()), callback);
  };
  return methods;
}

/** A resolver with servers of its own. */
class Resolver {
  #servers = [];

  constructor(options = undefined) {
    if (options !== undefined) require('validators').validateObject(options, 'options');
    if (options && options.timeout !== undefined) require('validators').validateInteger(options.timeout, 'options.timeout', -1);
    if (options && options.tries !== undefined) require('validators').validateInteger(options.tries, 'options.tries', 1);
    Object.assign(this, resolvers(() => this.#servers));
  }

  getServers() { return [...this.#servers]; }

  setServers(servers) { this.#servers = q.serverList(servers); }

  /** Nothing is kept of a question that could be cancelled; what was asked comes back. */
  cancel() {}

  setLocalAddress() { throw new codes.ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('dns.Resolver.setLocalAddress'); }
}

const errorCodes = {};
for (const [name, code] of Object.entries({ NODATA: 'ENODATA', FORMERR: 'EFORMERR', SERVFAIL: 'ESERVFAIL', NOTFOUND: 'ENOTFOUND',
  NOTIMP: 'ENOTIMP', REFUSED: 'EREFUSED', BADQUERY: 'EBADQUERY', BADNAME: 'EBADNAME', BADFAMILY: 'EBADFAMILY', BADRESP: 'EBADRESP',
  CONNREFUSED: 'ECONNREFUSED', TIMEOUT: 'ETIMEOUT', EOF: 'EOF', FILE: 'EFILE', NOMEM: 'ENOMEM', DESTRUCTION: 'EDESTRUCTION',
  BADSTR: 'EBADSTR', BADFLAGS: 'EBADFLAGS', NONAME: 'ENONAME', BADHINTS: 'EBADHINTS', NOTINITIALIZED: 'ENOTINITIALIZED',
  LOADIPHLPAPI: 'ELOADIPHLPAPI', ADDRGETNETWORKPARAMS: 'EADDRGETNETWORKPARAMS', CANCELLED: 'ECANCELLED' })) errorCodes[name] = code;

module.exports = {
  lookup,
  lookupService,
  Resolver,
  ...resolvers(() => q.settings.servers),
  getServers: () => [...q.settings.servers],
  setServers(servers) { q.settings.servers = q.serverList(servers); },
  getDefaultResultOrder: () => q.settings.order,
  setDefaultResultOrder(order) {
    validateOneOf(order, 'dnsOrder', q.ORDERS);
    q.settings.order = order;
  },
  ADDRCONFIG: q.ADDRCONFIG,
  ALL: q.ALL,
  V4MAPPED: q.V4MAPPED,
  ...errorCodes,
};
Object.defineProperty(module.exports, 'promises', { configurable: true, enumerable: true, get: () => require('dns_promises') });
Object.defineProperty(module.exports, 'errorCodes', { value: errorCodes });

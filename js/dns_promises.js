/** The module "dns/promises". */
const q = require('dns_query');
const dns = require('dns');
const { codes } = require('errors');

async function lookup(hostname, options) {
  const checked = q.lookupOptions(hostname, options);
  if (!hostname) return checked.all ? [] : { address: null, family: checked.family === 6 ? 6 : 4 };
  const list = await q.lookup(hostname, checked);
  return checked.all ? list : list[0];
}

async function lookupService(address, port) {
  if (require('net_ip').isIP(address) === 0) throw new codes.ERR_INVALID_ARG_VALUE('address', address);
  require('net_args').validatePort(port);
  return q.lookupService(address, +port);
}

/** Makes a promise of a method with a callback. */
function promised(target, names) {
  const methods = {};
  for (const name of names) {
    methods[name] = (...args) => new Promise((resolve, reject) => {
      target[name](...args, (err, value) => (err ? reject(err) : resolve(value)));
    });
  }
  return methods;
}
const names = Object.keys(dns).filter((name) => /^(resolve|reverse)/.test(name));

class Resolver {
  #resolver;

  constructor(options) {
    this.#resolver = new dns.Resolver(options);
    Object.assign(this, promised(this.#resolver, names));
  }

  getServers() { return this.#resolver.getServers(); }

  setServers(servers) { this.#resolver.setServers(servers); }

  cancel() {}
}

module.exports = {
  lookup,
  lookupService,
  Resolver,
  ...promised(dns, names),
  getServers: dns.getServers,
  setServers: dns.setServers,
  getDefaultResultOrder: dns.getDefaultResultOrder,
  setDefaultResultOrder: dns.setDefaultResultOrder,
  ...dns.errorCodes,
};

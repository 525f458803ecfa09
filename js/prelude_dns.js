/** dns in a task that may reach hosts: addresses of names that are allowed. */
const { askLater } = require('prelude_ask');
const { isIP } = require('prelude_net');

/** [{address, family}, …] of a name. */
async function all(name, { family = 0 } = {}) {
  const found = (await askLater('lookup', String(name))).map((address) => ({ address, family: isIP(address) }));
  const wanted = { IPv4: 4, IPv6: 6 }[family] ?? family;
  return wanted ? found.filter((f) => f.family === wanted) : found;
}

const optionsOf = (o) => (typeof o === 'number' ? { family: o } : o ?? {});

async function find(name, options) {
  const found = await all(name, optionsOf(options));
  if (optionsOf(options).all) return found;
  if (found.length > 0) return found[0];
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: name });
}

const addresses = (family) => async (name) => (await all(name, { family })).map((f) => f.address);

const promises = { lookup: find, resolve: addresses(4), resolve4: addresses(4), resolve6: addresses(6) };

/** The form with a callback. */
const called = (fn, spread) => (name, ...rest) => {
  const callback = rest.pop();
  fn(name, ...rest).then((v) => callback(null, ...spread(v)), callback);
};

module.exports = {
  promises,
  lookup: called(find, (v) => (Array.isArray(v) ? [v] : [v.address, v.family])),
  ...Object.fromEntries(['resolve', 'resolve4', 'resolve6'].map((name) => [name, called(promises[name], (v) => [v])])),
};

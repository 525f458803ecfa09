/** net.SocketAddress and net.BlockList. */
const { codes } = require('errors');
const { validateObject, validateString, validateInteger, validateOneOf } = require('validators');
const { isIP, toNumber } = require('net_ip');

const validatePort = (port, name) => {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new codes.ERR_SOCKET_BAD_PORT(name, port);
};

class SocketAddress {
  #address; #port; #family; #flowlabel;

  constructor(options = {}) {
    validateObject(options, 'options');
    let { family = 'ipv4' } = options;
    if (typeof family === 'string' && typeof family.toLowerCase === 'function') family = family.toLowerCase();
    if (family !== 'ipv4' && family !== 'ipv6') throw new codes.ERR_INVALID_ARG_VALUE('options.family', options.family);
    const { address = family === 'ipv4' ? '127.0.0.1' : '::', port = 0, flowlabel = 0 } = options;
    validateString(address, 'options.address');
    validatePort(port, 'options.port');
    require('validators').validateUint32(flowlabel, 'options.flowlabel');
    if (isIP(address) !== (family === 'ipv4' ? 4 : 6)) throw new codes.ERR_INVALID_ADDRESS();
    this.#address = address;
    this.#port = port;
    this.#family = family;
    this.#flowlabel = flowlabel;
  }

  static isSocketAddress(value) { return value instanceof SocketAddress; }

  get address() { return this.#address; }
  get port() { return this.#port; }
  get family() { return this.#family; }
  get flowlabel() { return this.#family === 'ipv4' ? 0 : this.#flowlabel; }

  toJSON() { return { address: this.address, port: this.port, family: this.family, flowlabel: this.flowlabel }; }
}

/** An address given as text or SocketAddress, as [number, family]. */
function numberOf(address, family, name) {
  if (SocketAddress.isSocketAddress(address)) return numberOf(address.address, address.family, name);
  validateString(address, name);
  validateString(family, 'family');
  validateOneOf(family.toLowerCase(), 'family', ['ipv4', 'ipv6']);
  const want = family.toLowerCase() === 'ipv4' ? 4 : 6;
  if (isIP(address) !== want) throw new codes.ERR_INVALID_ADDRESS();
  return [toNumber(address, want), want];
}

class BlockList {
  #rules = [];

  static isBlockList(value) { return value instanceof BlockList; }

  addAddress(address, family = 'ipv4') {
    const [n, f] = numberOf(address, family, 'address');
    const text = SocketAddress.isSocketAddress(address) ? address.address : address;
    this.#rules.unshift({ from: n, to: n, family: f, text: `Address: IPv${f} ${text}` });
  }

  addRange(start, end, family = 'ipv4') {
    const [from, f] = numberOf(start, family, 'start');
    const [to] = numberOf(end, family, 'end');
    if (from > to) throw new codes.ERR_INVALID_ARG_VALUE('start', start, `must come before ${end}`);
    this.#rules.unshift({ from, to, family: f, text: `Range: IPv${f} ${start.address ?? start}-${end.address ?? end}` });
  }

  addSubnet(network, prefix, family = 'ipv4') {
    const [n, f] = numberOf(network, family, 'network');
    validateInteger(prefix, 'prefix', 0, f === 4 ? 32 : 128);
    const host = BigInt((f === 4 ? 32 : 128) - prefix);
    const from = (n >> host) << host;
    this.#rules.unshift({ from, to: from | ((1n << host) - 1n), family: f, text: `Subnet: IPv${f} ${network.address ?? network}/${prefix}` });
  }

  check(address, family = 'ipv4') {
    let n;
    let f;
    if (SocketAddress.isSocketAddress(address)) {
      [n, f] = numberOf(address, '', 'address');
    } else {
      validateString(address, 'address');
      validateString(family, 'family');
      f = family.toLowerCase() === 'ipv4' ? 4 : 6;
      if (isIP(address) !== f) return false;
      n = toNumber(address, f);
    }
    const mapped = f === 6 && n >> 32n === 0xffffn ? n & 0xffffffffn : undefined;
    return this.#rules.some((rule) => (rule.family === f && n >= rule.from && n <= rule.to)
      || (mapped !== undefined && rule.family === 4 && mapped >= rule.from && mapped <= rule.to));
  }

  get rules() { return this.#rules.map((rule) => rule.text); }
}

module.exports = { SocketAddress, BlockList };

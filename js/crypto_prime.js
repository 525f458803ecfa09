/** Primes of the module "crypto". */
const { sync, async, isBytes, viewOf, answer } = require('crypto_native');
const { codes } = require('errors');
const { validateInt32, validateObject, validateBoolean, validateFunction } = require('validators');

function bytesOfBigInt(value) {
  let hex = value.toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  return new Uint8Array(require('buffer').Buffer.from(hex, 'hex'));
}

/** The bytes of a big-endian number: a bigint, or a view on some. */
function number(value, name) {
  if (typeof value === 'bigint') {
    if (value < 0n) throw new codes.ERR_OUT_OF_RANGE(name, '>= 0', value);
    return bytesOfBigInt(value);
  }
  if (!isBytes(value)) throw new codes.ERR_INVALID_ARG_TYPE(name, ['ArrayBuffer', 'TypedArray', 'Buffer', 'DataView', 'bigint'], value);
  return viewOf(value);
}

const toBigInt = (bytes) => BigInt(`0x${require('buffer').Buffer.from(bytes).toString('hex') || '0'}`);

function prepare(size, options = {}) {
  validateInt32(size, 'size', 1);
  validateObject(options, 'options');
  const { safe = false, bigint = false, add, rem } = options;
  validateBoolean(safe, 'options.safe');
  validateBoolean(bigint, 'options.bigint');
  const step = add === undefined ? undefined : number(add, 'options.add');
  const rest = rem === undefined ? undefined : number(rem, 'options.rem');
  if (step !== undefined) {
    const n = toBigInt(step);
    if (n >= 2n ** BigInt(size)) throw new codes.ERR_OUT_OF_RANGE('options.add', 'invalid options.add', add);
    if (rest !== undefined && n <= toBigInt(rest)) throw new codes.ERR_OUT_OF_RANGE('options.rem', 'invalid options.rem', rem);
    if (n === 0n) throw new codes.ERR_OUT_OF_RANGE('options.add', '> 0', add);
  }
  return { args: [size, safe, step, rest], map: (bytes) => [bigint ? toBigInt(bytes) : bytes] };
}

function generatePrime(size, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const { args, map } = prepare(size, options);
  validateFunction(callback, 'callback');
  answer(async.generatePrime(...args), callback, map);
}

function generatePrimeSync(size, options) {
  const { args, map } = prepare(size, options);
  return map(sync.generatePrime(...args))[0];
}

function checkArguments(candidate, options = {}) {
  const bytes = number(candidate, 'candidate');
  validateObject(options, 'options');
  const { checks = 0 } = options;
  validateInt32(checks, 'options.checks', 0);
  return [bytes, Math.min(checks, 100)];
}

function checkPrime(candidate, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const args = checkArguments(candidate, options);
  validateFunction(callback, 'callback');
  answer(async.checkPrime(...args), callback);
}

module.exports = {
  generatePrime, generatePrimeSync, checkPrime,
  checkPrimeSync: (candidate, options) => sync.checkPrime(...checkArguments(candidate, options)),
};

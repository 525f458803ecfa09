/** The global crypto of scripts. */
const { codes } = require('errors');
const { sync, viewOf } = require('crypto_native');

const kMake = Symbol('make');
const INTEGERS = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array'];

class Crypto {
  constructor(token) {
    if (token !== kMake) throw new codes.ERR_ILLEGAL_CONSTRUCTOR();
  }

  get subtle() {
    own(this);
    return require('webcrypto').subtle;
  }

  getRandomValues(array) {
    own(this);
    if (!ArrayBuffer.isView(array) || !INTEGERS.includes(tagOf(array))) {
      throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    }
    if (array.byteLength > 65536) throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    sync.fill(viewOf(array));
    return array;
  }

  randomUUID(options) {
    own(this);
    return require('crypto_random').randomUUID(options);
  }
}

const tagOf = (view) => Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, view);

function own(self) {
  if (self !== exports.crypto) throw new codes.ERR_INVALID_THIS('Crypto');
}

for (const name of ['subtle', 'getRandomValues', 'randomUUID']) Object.defineProperty(Crypto.prototype, name, { enumerable: true });
Object.defineProperty(Crypto.prototype, Symbol.toStringTag, { value: 'Crypto', configurable: true });

exports.Crypto = Crypto;
exports.crypto = new Crypto(kMake);

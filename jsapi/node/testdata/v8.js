// The module v8: the bytes of each kind of value, what they are read as, and what is refused.
const v8 = require('v8');
const util = require('util');

const show = (value) => util.inspect(value, { depth: 6, breakLength: 100 });
const attempt = (name, run) => {
  try {
    console.log(name, show(run()));
  } catch (err) {
    console.log(name, 'throws', err.name, err.message, err.code);
  }
};

class Point { constructor() { this.x = 1; this.y = -2; } }
const part = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
const loop = { name: 'loop', list: [1, 'zwei', 3.25] };
loop.self = loop;
loop.list.push(loop.list);
const failure = Object.assign(new RangeError('too far', { cause: { by: 3 } }), { extra: 1 });
failure.stack = 'RangeError: too far\n    at nowhere';
const plain = new Error('');
plain.stack = 'Error';

const samples = {
  undefined: undefined, null: null, true: true, false: false, zero: 0, minusZero: -0, minusOne: -1, smallest: -(2 ** 31), largest: 2 ** 31 - 1,
  beyond: 2 ** 31, half: 0.5, nan: NaN, infinity: -Infinity, empty: '', latin: 'Grüße', wide: '日本', wideOdd: ['x', '日本'], emoji: '🦊',
  bigZero: 0n, big: 2n ** 70n, bigMinus: -5n,
  object: { b: 1, 7: 'seven', a: { c: undefined } }, prototype: new Point(), none: Object.create(null), proto: JSON.parse('{"__proto__": 1}'),
  array: [1, 'b', [null]], holes: [1, , 3], named: Object.assign([1], { name: 'n' }), far: Object.assign([], { 70000: 1 }),
  map: new Map([[1, 'one'], ['k', new Map()]]), set: new Set([1, 'x', new Set()]), date: new Date(86400000), noDate: new Date(NaN),
  regexp: /a\/b+/giu, boxed: [Object(1.5), Object('s'), Object(true), Object(false), Object(7n)],
  buffer: new Uint8Array([1, 2, 3]).buffer, bytes: part, twice: [part, part], shared: { part, all: part.buffer }, words: new Int16Array([-1, 2]),
  doubles: new Float64Array([1.5, -2]), longs: new BigInt64Array([-1n]), clamped: new Uint8ClampedArray([300]), view: new DataView(new ArrayBuffer(4), 1, 2),
  nodeBuffer: Buffer.from('hey'), long: 'l'.repeat(200), error: failure, plain, loop,
};
for (const [name, value] of Object.entries(samples)) {
  const bytes = v8.serialize(value);
  console.log(name, bytes.toString('hex'));
  attempt(' ', () => v8.deserialize(bytes));
}
const back = v8.deserialize(v8.serialize(failure));
console.log(back instanceof RangeError, back.message, back.cause, back.stack, Object.keys(back));
const again = v8.deserialize(v8.serialize(loop));
console.log(again.self === again, again.list[3] === again.list);

// What is refused.
function named() {}
for (const value of [named, () => 1, Symbol('s'), Object(Symbol('o')), new WeakMap(), new WeakSet(), Promise.resolve(), new Proxy({}, {}), { deep: [named] }]) {
  attempt('refuse', () => v8.serialize(value));
}
attempt('getter', () => v8.serialize({ get a() { throw new Error('mine'); } }));
for (const value of [undefined, 1, 'abc', {}, []]) attempt('no bytes', () => v8.deserialize(value));
attempt('no bytes', () => new v8.Deserializer('abc'));

// Bytes that others write: Uint32, UTF-8, holes, padding, views behind their buffer; and broken ones.
const foreign = ['ff0f55ac02', 'ff0f5305c3bc626572', 'ff0f410349022d4906240003', 'ff0f0000005f', 'ff0f42040102030456570202 00', 'ff0d4204010203045642 0102',
  'ff0f6f2201615e007b01', 'ff0f3f0149 02', 'ff0f72450d', '', 'ff', 'ff0f', 'ff0f6f', 'ff0f6f7b01', 'ff0f22ff', '00', 'ff105f', 'ff0f5e00', 'ff0f5c', 'ff0f5c23',
  'ff0f5a', 'ff0f42ff0f', 'ff0f4204010203045657010200', 'ff0f41ffffff7f', 'ff0f3b4902 3a01', 'ff0f7400', 'ff0f7500', 'ff0f7a', 'ff0f78'];
for (const hex of foreign) attempt(hex || 'nothing', () => v8.deserialize(Buffer.from(hex.replace(/ /g, ''), 'hex')));

// The classes by hand.
const out = new v8.Serializer();
out.writeHeader();
out.writeUint32(300);
out.writeUint64(0x12345678, 0x9abcdef0);
out.writeDouble(-1.5);
out.writeRawBytes(Buffer.from('raw'));
console.log(out.writeValue([part]), attempt('raw', () => out.writeRawBytes('text')));
const bytes = out.releaseBuffer();
console.log(bytes.toString('hex'), out.releaseBuffer().length);
const from = new v8.Deserializer(bytes);
console.log(from.buffer === bytes, from.getWireFormatVersion(), from.readHeader(), from.getWireFormatVersion());
console.log(from.readUint32(), from.readUint64(), from.readDouble(), from.readRawBytes(3).toString(), from.readValue());
for (const method of ['readUint32', 'readUint64', 'readDouble', 'readValue', 'readRawBytes']) attempt(method, () => from[method](4));

const moved = new ArrayBuffer(8);
const sender = new v8.Serializer();
sender.writeHeader();
sender.transferArrayBuffer(5, moved);
sender.writeValue({ moved });
const parcel = sender.releaseBuffer();
const receiver = new v8.Deserializer(parcel);
receiver.readHeader();
receiver.transferArrayBuffer(5, moved);
console.log(parcel.toString('hex'), receiver.readValue().moved === moved);

class Tagged extends v8.Serializer {
  constructor() { super(); this._setTreatArrayBufferViewsAsHostObjects(true); }
  _writeHostObject(view) { this.writeUint32(view.length); }
  _getDataCloneError(text) { return new TypeError(`mine: ${text}`); }
}
class Untagged extends v8.Deserializer {
  _readHostObject() { return { length: this.readUint32() }; }
}
const tagged = new Tagged();
tagged.writeHeader();
tagged.writeValue([part, part]);
const untagged = new Untagged(tagged.releaseBuffer());
untagged.readHeader();
const [one, two] = untagged.readValue();
console.log(one, one === two);
attempt('own error', () => new Tagged().writeValue(named));

// The rest.
const figures = v8.getHeapStatistics();
console.log(Object.keys(figures).join(), figures.used_heap_size > 1e6, figures.used_heap_size <= figures.total_heap_size, figures.heap_size_limit > figures.used_heap_size);
console.log(v8.getHeapSpaceStatistics().every((s) => typeof s.space_name === 'string' && s.space_used_size <= s.space_size));
console.log(v8.setFlagsFromString('--stack-size=2000'), Number.isInteger(v8.cachedDataVersionTag()), Boolean(v8.startupSnapshot.isBuildingSnapshot()));
attempt('flags', () => v8.setFlagsFromString(1));

// Package value is the form in which JavaScript values travel: a bounded dialect of msgpack
// (https://github.com/msgpack/msgpack/blob/master/spec.md), without any engine. A value is written once, by the
// process that has it, and read once, by the process that wants it; those between forward the bytes. Package vm
// makes bytes of goja values and back with the Writer and the Reader of this package; net/wire and vm/executor build
// their frames with the same two, so that one set of bounds guards everything that comes from another process.
//
// # Format
//
// What msgpack has keeps its msgpack form, integers in the shortest one:
//
//	null, boolean    nil, bool
//	number           integer if integral, not -0 and safe (|n| < 2^53); float 64 otherwise
//	string           str, UTF-8
//	plain object     map, keys in order; a key is a str, or KindString if it holds lone surrogates
//	array            array; its elements, with runs of holes as KindHole
//	Uint8Array       bin, if it covers the whole of a buffer that was not seen before
//
// All else is an extension type, its number being the Kind. Leaves carry their payload:
//
//	KindUndefined    empty
//	KindHole         uint32: so many elements are missing here
//	KindDate         float64: milliseconds since 1970, NaN for an invalid date
//	KindBigInt       sign (0 or 1), magnitude without leading zeros
//	KindBuffer       the bytes of an ArrayBuffer
//	KindReference    uint32: the number of an object that came before
//	KindString       UTF-16 code units, for a string with lone surrogates
//	KindNumbers      width and form (NumberInt8 …), then the elements of an array of numbers, without holes
//
// Containers are arrays whose first element is an extension without payload (KindView: with one byte, KindBlob: a hash), so that any
// msgpack reader can skip them; no array of JavaScript begins so:
//
//	KindMap          key, value, key, value, …
//	KindBlob         the bytes of a value that counts as one object here; payload: their SHA-256, all that travels
//	KindSet          element, …
//	KindRegExp       source, flags
//	KindError        name, message or nil, stack or nil, map of hidden properties (cause, errors), map of the others
//	KindView         (payload: a View) byte offset, byte length, buffer (KindBuffer or KindReference)
//	KindFunction     bin: what vm.Function.Encode gives
//	KindSparse       length, then index or name, value, …, indices ascending: an array with many holes or with names
//	KindBoxed        the primitive: new Number(1)
//	KindHost         name, data: between threads of one process; no decoder of what comes from outside takes it
//
// Numbers in payloads are big-endian, except in KindBuffer, KindView and KindNumbers, whose bytes are little-endian
// as in memory. Objects (all but primitives) are numbered from 0 in the order in which their encoding begins; a bin
// counts as two, the Uint8Array and then its buffer, and so does a view whose buffer follows. The maps inside an
// error are not objects. Kinds and their meaning never change; new ones are appended.
//
// # Limits
//
// A length that a message claims is compared with the bytes that are there before anything is made of it: an element
// takes at least one byte, a pair two. Depth and number of items are bounded by Limits. Nothing here recurses, and
// nothing allocates on the say of a header. The types of this package are not safe for concurrent use.
package value

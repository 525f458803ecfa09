package value

// Kind is an extension type of the format: a kind of JavaScript value that plain msgpack lacks.
type Kind int8

// The kinds; the package comment says what each carries.
const (
	KindUndefined Kind = 1 + iota
	KindHole
	KindDate
	KindBigInt
	KindMap
	KindSet
	KindRegExp
	KindError
	KindView
	KindBuffer
	KindReference
	KindFunction
	KindSparse
	KindBoxed
	KindString
	KindNumbers
	KindBlob // a large value that is fetched by its hash, which is the payload
	KindHost // an object that only the host of one process knows
)

// Container reports whether k stands first in an array that holds the parts of the value.
func (k Kind) Container() bool {
	switch k {
	case KindMap, KindSet, KindRegExp, KindError, KindView, KindFunction, KindSparse, KindBoxed, KindBlob, KindHost:
		return true
	}
	return false
}

// View is the payload of KindView: which view of an ArrayBuffer the value is.
type View byte

// The views. ViewBuffer is Node's Buffer, a Uint8Array with methods of its own.
const (
	ViewInt8 View = 1 + iota
	ViewUint8
	ViewUint8Clamped
	ViewInt16
	ViewUint16
	ViewInt32
	ViewUint32
	ViewFloat32
	ViewFloat64
	ViewBigInt64
	ViewBigUint64
	ViewDataView
	ViewBuffer
)

// Size returns the bytes of one element of the view, 0 for what is no view.
func (v View) Size() int {
	switch v {
	case ViewInt8, ViewUint8, ViewUint8Clamped, ViewDataView, ViewBuffer:
		return 1
	case ViewInt16, ViewUint16:
		return 2
	case ViewInt32, ViewUint32, ViewFloat32:
		return 4
	case ViewFloat64, ViewBigInt64, ViewBigUint64:
		return 8
	}
	return 0
}

// The first byte of a KindNumbers payload: how each element is stored.
const (
	NumberInt8    = 1
	NumberInt16   = 2
	NumberInt32   = 4
	NumberFloat64 = 8
)

// Type is the type of an encoded item as msgpack has it.
type Type byte

// The types of items. End means that no byte is left, Invalid that the Reader has stopped at an error or that the
// next byte begins no item.
const (
	Invalid Type = iota
	End
	Nil
	Bool
	Int  // fits int64
	Uint // may exceed int64
	Float
	Str
	Bin
	Array
	Map
	Ext
)

// String returns the name of the type for error messages.
func (t Type) String() string {
	return [...]string{"invalid item", "end", "nil", "bool", "int", "uint", "float", "str", "bin", "array", "map", "ext"}[t]
}

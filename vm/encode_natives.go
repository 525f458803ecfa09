package vm

import (
	"math/big"
	"reflect"
	"time"

	"github.com/dop251/goja"
)

// native is a built-in function of goja's, without the JavaScript object around it.
type native = func(goja.FunctionCall) goja.Value

// builtins are the built-in functions that Encode and Decode look into objects with. They are taken once from a
// runtime that no script ever sees, so no script can replace them and no runtime has to be asked for them, which would
// cost it the laziness that makes it cheap. goja's functions go by the object in `this`, whatever runtime that is of;
// the runtime they come from is read only when they refuse an object, which ours, of known type, do not.
var builtins = takeBuiltins()

type builtinTable struct {
	apply, keys, hasOwn, reflectGet, reflectDefine native
	mapForEach, mapSet, setForEach, setAdd         native
	isView, viewName, stringValue, functionText    native
	viewBuffer, viewOffset, viewLength             native
	dataBuffer, dataOffset, dataLength             native
	regexpSource, stringConcat                     native
	regexpFlags                                    []regexpFlag // in the order of ECMA-262 22.2.6.4
}

type regexpFlag struct {
	letter byte
	get    native
}

func takeBuiltins() *builtinTable {
	rt := goja.New()
	own := func(names ...string) *goja.Object {
		o := rt.GlobalObject()
		for _, name := range names {
			o = o.Get(name).(*goja.Object)
		}
		return o
	}
	method := func(names ...string) native { return own(names...).Export().(native) }
	describe := method("Object", "getOwnPropertyDescriptor")
	getter := func(o *goja.Object, name string) native {
		d := describe(goja.FunctionCall{Arguments: []goja.Value{o, rt.ToValue(name)}}).(*goja.Object)
		return d.Get("get").(*goja.Object).Export().(native)
	}
	view, data, re := own("Uint8Array", "prototype").Prototype(), own("DataView", "prototype"), own("RegExp", "prototype")
	t := &builtinTable{
		apply: method("Function", "prototype", "apply"), keys: method("Object", "keys"),
		hasOwn:     method("Object", "prototype", "hasOwnProperty"),
		reflectGet: method("Reflect", "get"), reflectDefine: method("Reflect", "defineProperty"),
		mapForEach: method("Map", "prototype", "forEach"), mapSet: method("Map", "prototype", "set"),
		setForEach: method("Set", "prototype", "forEach"), setAdd: method("Set", "prototype", "add"),
		isView: method("ArrayBuffer", "isView"), stringValue: method("String", "prototype", "valueOf"),
		stringConcat: method("String", "prototype", "concat"),
		viewBuffer:   getter(view, "buffer"), viewOffset: getter(view, "byteOffset"), viewLength: getter(view, "byteLength"),
		dataBuffer: getter(data, "buffer"), dataOffset: getter(data, "byteOffset"), dataLength: getter(data, "byteLength"),
		regexpSource: getter(re, "source"), functionText: method("Function", "prototype", "toString"),
	}
	tag := describe(goja.FunctionCall{Arguments: []goja.Value{view, goja.SymToStringTag}}).(*goja.Object)
	t.viewName = tag.Get("get").(*goja.Object).Export().(native)
	for _, f := range []struct {
		letter byte
		name   string
	}{{'g', "global"}, {'i', "ignoreCase"}, {'m', "multiline"}, {'s', "dotAll"}, {'u', "unicode"}, {'y', "sticky"}} {
		t.regexpFlags = append(t.regexpFlags, regexpFlag{f.letter, getter(re, f.name)})
	}
	// What goja makes on first use is made now, so that later calls from several goroutines only read.
	t.keys(goja.FunctionCall{Arguments: []goja.Value{rt.NewObject()}})
	return t
}

// The Go types that goja exports objects to; with the class name they tell kinds of objects apart, and no script can
// change either.
var (
	exportsObject   = reflect.TypeFor[map[string]any]()
	exportsArray    = reflect.TypeFor[[]any]()
	exportsMap      = reflect.TypeFor[[][2]any]()
	exportsTime     = reflect.TypeFor[time.Time]()
	exportsBuffer   = reflect.TypeFor[goja.ArrayBuffer]()
	exportsPromise  = reflect.TypeFor[*goja.Promise]()
	exportsProxy    = reflect.TypeFor[goja.Proxy]()
	exportsBigInt   = reflect.TypeFor[*big.Int]()
	exportsInt      = reflect.TypeFor[int64]()
	exportsFloat    = reflect.TypeFor[float64]()
	exportsBool     = reflect.TypeFor[bool]()
	exportsString   = reflect.TypeFor[string]()
	exportsBytes    = reflect.TypeFor[[]byte]()
	isASCII         = reflect.TypeOf(goja.StringFromUTF16([]uint16{'a'}))
	isUTF16         = reflect.TypeOf(goja.StringFromUTF16([]uint16{0x100}))
	generatorObject = goja.MustCompile(hostFile+"generator", "(function*(){}).prototype", true)
)

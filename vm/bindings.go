package vm

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// maxRandom is the most that crypto.getRandomValues fills at once, in bytes; the Web Cryptography API says so.
const maxRandom = 65536

// binding returns the native half of a prelude module.
func (g *globals) binding(rt *goja.Runtime, name string) *goja.Object {
	o := rt.NewObject()
	set := func(name string, fn func(goja.FunctionCall) goja.Value) { _ = o.Set(name, hostFunction(rt, fn)) }
	switch name {
	case "prelude_events", "prelude_performance":
		set("report", g.l.reportThrown)
		set("now", func(goja.FunctionCall) goja.Value { return rt.ToValue(g.now()) })
		_ = o.Set("timeOrigin", float64(g.l.base.UnixMicro())/1000)
	case "events_emit":
		return EventsBinding(rt)
	case "buffer_native":
		return BufferBinding(rt)
	case "prelude_crypto":
		g.cryptoBinding(set)
	case "prelude_url", "prelude_url_params":
		g.urlBinding(set)
	case "prelude_regexp":
		set("translate", func(call goja.FunctionCall) goja.Value {
			pattern, flags, fault := call.Argument(0).String(), call.Argument(1).String(), ""
			if _, _, fits := shownIn(pattern); !fits { // Decode makes its own fit before it constructs them
				pattern, flags, fault = translateRegexp(pattern, flags)
			}
			return rt.NewArray(pattern, flags, fault)
		})
	case "prelude_dates":
		set("zone", g.zone)
	case "prelude_text":
		set("encode", g.encodeText)
		set("decode", g.decodeText)
		set("encoding", func(call goja.FunctionCall) goja.Value {
			if name, ok := encodings[strings.ToLower(strings.Trim(call.Argument(0).String(), "\t\n\f\r "))]; ok {
				return rt.ToValue(name)
			}
			return nil
		})
		set("atob", g.atob)
		set("btoa", g.btoa)
	default:
		return nil
	}
	return o
}

// now is the time since the loop was made, in milliseconds: for guests in whole ones, as a finer clock tells what others do
// on the same processor.
func (g *globals) now() float64 {
	d := time.Since(g.l.base)
	if g.coarse {
		d = d.Truncate(time.Millisecond)
	}
	return float64(d.Nanoseconds()) / 1e6
}

// bytesToArray returns b, which it keeps, as a Uint8Array.
func bytesToArray(rt *goja.Runtime, b []byte) goja.Value {
	o, err := rt.New(rt.GlobalObject().Get("Uint8Array"), rt.ToValue(rt.NewArrayBuffer(b)))
	if err != nil {
		panic(rethrow(rt, err))
	}
	return o
}

// arrayBytes returns the memory of a typed array; ok is false if v is none.
func arrayBytes(v goja.Value) (b []byte, ok bool) {
	o, isObject := v.(*goja.Object)
	if !isObject {
		return nil, false
	}
	whole, start, size := o.Get("buffer"), o.Get("byteOffset"), o.Get("byteLength")
	if whole == nil || start == nil || size == nil {
		return nil, false
	}
	buffer, ok := whole.Export().(goja.ArrayBuffer)
	if !ok || buffer.Detached() {
		return nil, false
	}
	from, n := start.ToInteger(), size.ToInteger()
	all := buffer.Bytes()
	if from < 0 || n < 0 || from+n > int64(len(all)) {
		return nil, false
	}
	return all[from : from+n], true
}

func (g *globals) atob(call goja.FunctionCall) goja.Value {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("\t\n\f\r ", r) {
			return -1
		}
		return r
	}, call.Argument(0).String())
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	// RawStdEncoding skips line ends, of which none is left, and is lenient about the last bits, as atob is.
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return g.rt.ToValue(string(runes))
}

func (g *globals) btoa(call goja.FunctionCall) goja.Value {
	text := call.Argument(0).String()
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil
		}
		b = append(b, byte(r))
	}
	return g.rt.ToValue(base64.StdEncoding.EncodeToString(b))
}

// crypto makes the global crypto, as far as it needs no keys.
func (g *globals) crypto() goja.Value {
	o := g.rt.NewObject()
	setHidden(o, "getRandomValues", g.native("getRandomValues", 1, func(call goja.FunctionCall) goja.Value {
		b, ok := arrayBytes(call.Argument(0))
		if !ok {
			panic(argumentError(g.rt, "array", "an integer TypedArray", call.Argument(0)))
		}
		if len(b) > maxRandom {
			panic(g.domException(fmt.Sprintf("The requested length %d exceeds %d bytes", len(b), maxRandom), "QuotaExceededError"))
		}
		_, _ = rand.Read(b) // never fails
		return call.Argument(0)
	}))
	setHidden(o, "randomUUID", g.native("randomUUID", 0, func(goja.FunctionCall) goja.Value {
		var b [16]byte
		_, _ = rand.Read(b[:])
		b[6] = b[6]&0x0f | 0x40 // version 4, RFC 9562 section 5.4
		b[8] = b[8]&0x3f | 0x80
		return g.rt.ToValue(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
	}))
	g.lazily(o, "subtle", func() goja.Value { return g.modules().mustLoad("prelude_crypto").(*goja.Object).Get("subtle") })
	return o
}

// lazily defines a property that is made when it is first read.
func (g *globals) lazily(o *goja.Object, name string, fn func() goja.Value) {
	get := hostFunction(g.rt, func(goja.FunctionCall) goja.Value {
		v := fn()
		_ = o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		return v
	})
	_ = o.DefineAccessorProperty(name, get, nil, goja.FLAG_TRUE, goja.FLAG_TRUE)
}

// captureStackTrace gives Error the function of that name, and the limit that goja does not know but others set.
func (g *globals) captureStackTrace() {
	class := g.rt.GlobalObject().Get("Error").ToObject(g.rt)
	setHidden(class, "captureStackTrace", g.native("captureStackTrace", 2, func(call goja.FunctionCall) goja.Value {
		o, ok := call.Argument(0).(*goja.Object)
		if !ok {
			panic(argumentError(g.rt, "targetObject", "an object", call.Argument(0)))
		}
		head := "Error"
		if isErrorLike(g.rt, o) || o.Get("name") != nil {
			if s, ok := g.errorHead(o); ok {
				head = s
			}
		}
		frames := g.rt.CaptureCallStack(0, nil)
		if len(frames) > 1 {
			frames = frames[1:] // captureStackTrace itself
		}
		setHidden(o, "stack", g.rt.ToValue(head+formatFrames(frames)))
		return nil
	}))
	_ = class.Set("stackTraceLimit", maxFrames)
}

// errorHead is the first line of the stack of o.
func (g *globals) errorHead(o *goja.Object) (string, bool) {
	name, message := o.Get("name"), o.Get("message")
	if name == nil || goja.IsUndefined(name) {
		return "", false
	}
	if message == nil || goja.IsUndefined(message) || message.String() == "" {
		return name.String(), true
	}
	return name.String() + ": " + message.String(), true
}

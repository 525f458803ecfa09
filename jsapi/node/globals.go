package node

import (
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// webGlobals are the classes of browsers that are global in Node.js, by the js file that has them.
var webGlobals = map[string][]string{
	"blob": {"Blob", "File"},
	"perf_hooks": {
		"performance", "Performance", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure", "PerformanceObserver",
		"PerformanceObserverEntryList", "PerformanceResourceTiming",
	},
	"form_data": {"FormData"},
	"stream_web": {
		"ByteLengthQueuingStrategy", "CompressionStream", "CountQueuingStrategy", "DecompressionStream",
		"ReadableByteStreamController", "ReadableStream", "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest",
		"ReadableStreamDefaultController", "ReadableStreamDefaultReader", "TextDecoderStream", "TextEncoderStream",
		"TransformStream", "TransformStreamDefaultController", "WritableStream", "WritableStreamDefaultController",
		"WritableStreamDefaultWriter",
	},
}

// Install gives the loop's runtime the global names of Node.js: console, process, Buffer, timers, URL and the rest.
// Each is made when it is first touched. It also makes the process ignore SIGPIPE: a write to a closed pipe is an
// error event of the stream.
func (n *Node) Install() error {
	ignoreBrokenPipe()
	remove := n.cfg.Threads.add(n.threadID(), n)
	n.loop.OnExit(func(int) { remove(); n.restoreTerminal(); n.files.closeAll() })
	vm.Globals(n.rt, vm.GlobalsConfig{Loop: n.loop, Require: n.load})
	if err := n.rt.Set("global", n.rt.GlobalObject()); err != nil {
		return err
	}
	for name, load := range map[string]func() (goja.Value, error){
		"console":           func() (goja.Value, error) { return n.load("console") },
		"process":           func() (goja.Value, error) { return n.load("process") },
		"crypto":            func() (goja.Value, error) { return n.member("webcrypto_global", "crypto") },
		"Crypto":            func() (goja.Value, error) { return n.member("webcrypto_global", "Crypto") },
		"CryptoKey":         func() (goja.Value, error) { return n.member("webcrypto_key", "CryptoKey") },
		"Atomics":           func() (goja.Value, error) { return n.member("shared_memory", "Atomics") },
		"BroadcastChannel":  func() (goja.Value, error) { return n.member("broadcast_channel", "BroadcastChannel") },
		"MessageChannel":    func() (goja.Value, error) { return n.member("messaging", "MessageChannel") },
		"MessageEvent":      func() (goja.Value, error) { return n.member("messaging", "MessageEvent") },
		"MessagePort":       func() (goja.Value, error) { return n.member("messaging", "MessagePort") },
		"SharedArrayBuffer": func() (goja.Value, error) { return n.member("shared_memory", "SharedArrayBuffer") },
		"structuredClone":   func() (goja.Value, error) { return n.member("messaging", "structuredClone") },
		"SubtleCrypto":      func() (goja.Value, error) { return n.member("webcrypto", "SubtleCrypto") },
		"URL":               func() (goja.Value, error) { return n.member("url_whatwg", "URL") },
		"fetch":             func() (goja.Value, error) { return n.member("fetch", "fetch") },
		"Headers":           func() (goja.Value, error) { return n.member("fetch", "Headers") },
		"Request":           func() (goja.Value, error) { return n.member("fetch", "Request") },
		"Response":          func() (goja.Value, error) { return n.member("fetch", "Response") },
		"URLSearchParams":   func() (goja.Value, error) { return n.member("url_whatwg", "URLSearchParams") },
	} {
		if err := n.lazy(name, load); err != nil {
			return err
		}
	}
	for file, names := range webGlobals {
		for _, name := range names {
			if err := n.lazy(name, func() (goja.Value, error) { return n.member(file, name) }); err != nil {
				return err
			}
		}
	}
	if len(n.cfg.ExecArgv) > 0 { // some of them change what process does
		if _, err := n.load("process"); err != nil {
			return err
		}
	}
	if n.cfg.start != nil {
		n.online()
		return nil
	}
	for _, entry := range n.cfg.Env {
		if strings.HasPrefix(entry, "NODE_CHANNEL_FD=") {
			// A forked child listens to its parent whether or not its script touches process.
			_, err := n.load("process")
			return err
		}
	}
	return nil
}

// member is one export of a js file.
func (n *Node) member(file, name string) (goja.Value, error) {
	v, err := n.load(file)
	if err != nil {
		return nil, err
	}
	return v.ToObject(n.rt).Get(name), nil
}

// lazy defines a global that becomes what load gives when it is first read.
func (n *Node) lazy(name string, load func() (goja.Value, error)) error {
	global := n.rt.GlobalObject()
	settle := func(v goja.Value) error {
		return global.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	}
	get := func(goja.FunctionCall) goja.Value {
		v, err := load()
		n.passInterrupt(err)
		if err == nil {
			err = settle(v)
		}
		if err != nil {
			panic(vm.Thrown(n.rt, err))
		}
		return v
	}
	set := func(call goja.FunctionCall) goja.Value {
		if err := settle(call.Argument(0)); err != nil {
			panic(vm.Thrown(n.rt, err))
		}
		return goja.Undefined()
	}
	return global.DefineAccessorProperty(name, n.rt.ToValue(get), n.rt.ToValue(set), goja.FLAG_TRUE, goja.FLAG_FALSE)
}

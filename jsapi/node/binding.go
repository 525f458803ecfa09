package node

import (
	"maps"
	"slices"

	"github.com/dop251/goja"
	"golang.org/x/net/idna"

	"supercluster/pkg/errno"
	"supercluster/vm"
)

// bindingTable says which js files get native functions, and how they are made when the file is first loaded.
func (n *Node) bindingTable() map[string]func() *goja.Object {
	return map[string]func() *goja.Object{
		"types":         n.typesBinding,
		"inspect_error": n.inspectBinding,
		"process":       n.processBinding,
		"stdio":         n.stdioBinding,
		"async_hooks":   n.contextBinding,
		"events_emit":   func() *goja.Object { return vm.EventsBinding(n.rt) },
		"buffer_native": func() *goja.Object { return vm.BufferBinding(n.rt) },
		"crypto_native": n.cryptoBinding,
		"fs_native":     n.fsBinding,
		"fs_watch":      n.watchBinding,
		"os":            n.osBinding,
		"url_host":      n.urlBinding,
		"fetch_native":  n.fetchBinding,
		"zlib_native":   n.zlibBinding,
		"http_native":   n.httpBinding,
		"child_native":  n.childBinding,
		"net_native":    n.netBinding,
		"dns_native":    n.dnsBinding,
		"dgram_native":  n.udpBinding,
		"tls_native":    n.tlsBinding,
		"util_system":   n.systemErrorsBinding,
		"v8":            n.heapBinding,
		"vm":            n.vmBinding,
		"perf_timeline": n.perfBinding,
		"messaging":     n.messagingBinding,
		"shared_memory": n.sharedBinding,
		"thread_native": n.threadBinding,
	}
}

// object makes a plain object of native functions and data.
func (n *Node) object(members map[string]any) *goja.Object {
	o := n.rt.NewObject()
	for name, v := range members {
		if err := o.Set(name, v); err != nil {
			panic(vm.Thrown(n.rt, err)) // a new plain object refuses nothing
		}
	}
	return o
}

// inspectBinding serves js/inspect_error.js.
func (n *Node) inspectBinding() *goja.Object {
	mapStack := n.cfg.MapStack
	return n.object(map[string]any{
		"mapStack": func(call goja.FunctionCall) goja.Value {
			stack := vm.CleanStack(call.Argument(0).String())
			if mapStack != nil {
				stack = mapStack(stack)
			}
			return n.rt.ToValue(stack)
		},
	})
}

// systemErrorsBinding serves js/util_system.js: errors() → [[number, code, text], …]
func (n *Node) systemErrorsBinding() *goja.Object {
	return n.object(map[string]any{
		"errors": func(goja.FunctionCall) goja.Value {
			var list []any
			for _, code := range slices.Sorted(maps.Keys(errno.Text)) {
				if number, ok := errno.Number(code); ok {
					list = append(list, n.rt.NewArray(number, code, errno.Text[code]))
				}
			}
			return n.rt.NewArray(list...)
		},
	})
}

// urlBinding serves js/url_host.js: toASCII(domain) gives undefined for a domain that cannot be.
func (n *Node) urlBinding() *goja.Object {
	profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false),
		idna.CheckJoiners(true), idna.BidiRule(), idna.VerifyDNSLength(false))
	return n.object(map[string]any{
		"toASCII": func(call goja.FunctionCall) goja.Value {
			text, err := profile.ToASCII(call.Argument(0).String())
			if err != nil {
				return goja.Undefined()
			}
			return n.rt.ToValue(text)
		},
	})
}

// contextBinding serves js/async_hooks.js: get() and set(value) the async context.
func (n *Node) contextBinding() *goja.Object {
	n.loop.TrackAsync()
	return n.object(map[string]any{
		"get": func(goja.FunctionCall) goja.Value { return n.loop.AsyncContext() },
		"set": func(call goja.FunctionCall) goja.Value {
			n.loop.SetAsyncContext(call.Argument(0))
			return goja.Undefined()
		},
	})
}

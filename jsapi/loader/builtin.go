package loader

import (
	"maps"
	"slices"
	"strings"
)

// nodeModules are Node's public builtin modules: their names win over packages, as in Node.js.
var nodeModules = nameSet(`_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server
	_stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable _tls_common
	_tls_wrap assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram
	diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector inspector/promises
	module net os path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl
	stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty
	url util util/types v8 vm wasi worker_threads zlib`)

// schemeOnly are builtin modules that only their "node:" name reaches.
var schemeOnly = nameSet("sea sqlite test test/reporters")

func nameSet(names string) map[string]bool {
	set := map[string]bool{}
	for _, n := range strings.Fields(names) {
		set[n] = true
	}
	return set
}

// isOurs reports whether name is the library itself: under its own name, or that of its first document.
func isOurs(name string) bool {
	return name == "supercluster" || name == "nnet" || strings.HasPrefix(name, "supercluster/")
}

// isBuiltin reports whether the host has a builtin module of that name, without "node:", or at least knows why not.
func (l *Loader) isBuiltin(name string) bool {
	if name == "module" {
		return true
	}
	known, asked := l.builtins[name]
	if !asked && l.cfg.Builtin != nil {
		_, ok, err := l.cfg.Builtin(name)
		known = ok || err != nil
		l.builtins[name] = known
	}
	return known
}

// builtinNames lists the names of nodeModules, sorted.
func builtinNames() []string {
	return slices.Sorted(maps.Keys(nodeModules))
}

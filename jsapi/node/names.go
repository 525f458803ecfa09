package node

import (
	"maps"
	"slices"
)

// publicModules maps the modules of Node.js to their js files; those with no file are not available yet.
var publicModules = map[string]string{
	"_stream_duplex":      "stream_duplex",
	"_stream_passthrough": "stream_passthrough",
	"_stream_readable":    "stream_readable",
	"_stream_transform":   "stream_transform_alias",
	"_stream_writable":    "stream_writable",
	"assert":              "assert",
	"assert/strict":       "assert_strict",
	"async_hooks":         "async_hooks",
	"buffer":              "buffer",
	"child_process":       "child_process",
	"cluster":             "cluster",
	"console":             "console",
	"constants":           "constants",
	"crypto":              "crypto",
	"dgram":               "dgram",
	"diagnostics_channel": "diagnostics_channel",
	"dns":                 "dns",
	"dns/promises":        "dns_promises",
	"domain":              "domain",
	"events":              "events",
	"fs":                  "fs",
	"fs/promises":         "fs_promises",
	"http":                "http",
	"http2":               "",
	"https":               "https",
	"inspector":           "",
	"module":              "",
	"net":                 "net",
	"os":                  "os",
	"path":                "path",
	"path/posix":          "path_posix",
	"path/win32":          "path_win32",
	"perf_hooks":          "perf_hooks",
	"process":             "process",
	"punycode":            "punycode",
	"querystring":         "querystring",
	"readline":            "readline",
	"readline/promises":   "readline_promises",
	"repl":                "",
	"stream":              "stream",
	"stream/consumers":    "stream_consumers",
	"stream/promises":     "stream_promises",
	"stream/web":          "stream_web",
	"string_decoder":      "string_decoder",
	"sys":                 "util",
	"test":                "test",
	"timers":              "timers",
	"timers/promises":     "timers_promises",
	"tls":                 "tls",
	"trace_events":        "",
	"tty":                 "tty",
	"url":                 "url",
	"util":                "util",
	"util/types":          "util_types",
	"v8":                  "v8",
	"vm":                  "vm",
	"wasi":                "",
	"worker_threads":      "worker_threads",
	"zlib":                "zlib",
}

func availableNames() []string {
	names := slices.Collect(maps.Keys(publicModules))
	names = slices.DeleteFunc(names, func(name string) bool { return publicModules[name] == "" })
	slices.Sort(names)
	return names
}

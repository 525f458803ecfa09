package js

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// nodeToo are files without that prefix that functions need in a real node, too.
var nodeToo = []string{"prelude_esbuild", "prelude_decorators"}

// NodeProgram returns a program for a real node: this package's files whose names begin with "node_", each a function
// as the package comment says, and a call of the module entry, which is one of them, with node's own require beside
// theirs.
func NodeProgram(entry string) string {
	var b strings.Builder
	b.WriteString("'use strict';\nconst files = {\n")
	for _, name := range Names() {
		if text, ok := Source(name); ok && (strings.HasPrefix(name, "node_") || slices.Contains(nodeToo, name)) {
			fmt.Fprintf(&b, "%s(exports, require, module, binding) {%s\n},\n", name, text)
		}
	}
	b.WriteString(`};
const nodeRequire = require;
const loaded = Object.create(null);
function load(name) {
  if (!Object.hasOwn(files, name)) return nodeRequire(name);
  if (!loaded[name]) {
    loaded[name] = { exports: {} };
    files[name](loaded[name].exports, load, loaded[name], globalThis.undefined);
  }
  return loaded[name].exports;
}
module.exports = load(` + strconv.Quote(entry) + ");\n")
	return b.String()
}

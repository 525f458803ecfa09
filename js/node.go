package js

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// nodeToo are files without that prefix that functions need in a real node, too.
var nodeToo = []string{"prelude_esbuild", "prelude_decorators"}

// NodeLibrary returns an expression for a real node: a function (require, __filename) of node's own require and the
// name that the text goes by in stacks. It returns the function that loads, by its name, one of this package's files
// whose names begin with "node_"; each is a function as the package comment says, with node's require beside theirs.
func NodeLibrary() string {
	var b strings.Builder
	b.WriteString("(function (nodeRequire, __filename) {\n'use strict';\nconst files = {\n")
	for _, name := range Names() {
		if text, ok := Source(name); ok && (strings.HasPrefix(name, "node_") || slices.Contains(nodeToo, name)) {
			fmt.Fprintf(&b, "%s(exports, require, module, binding) {%s\n},\n", name, text)
		}
	}
	b.WriteString(`};
const loaded = Object.create(null);
function load(name) {
  if (!Object.hasOwn(files, name)) return nodeRequire(name);
  if (!loaded[name]) {
    loaded[name] = { exports: {} };
    files[name](loaded[name].exports, load, loaded[name], globalThis.undefined);
  }
  return loaded[name].exports;
}
return load;
})`)
	return b.String()
}

// NodeProgram returns a program for a real node: NodeLibrary, and a load of the module entry.
func NodeProgram(entry string) string {
	return "'use strict';\nmodule.exports = " + NodeLibrary() + "(require, __filename)(" + strconv.Quote(entry) + ");\n"
}

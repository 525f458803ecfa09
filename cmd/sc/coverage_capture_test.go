package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// captureSources are the files whose errors and warnings tell of functions that
// are sent and of what they capture, below the module's root.
var captureSources = []string{
	"jsapi/loader/analyse.go", "jsapi/loader/bundle.go", "jsapi/loader/capture.go", "jsapi/loader/check.go",
	"jsapi/loader/instrument.go", "jsapi/loader/known.go", "jsapi/loader/said.go", "jsapi/loader/scope.go",
	"jsapi/loader/snapshot.go",
	"vm/capture.go", "vm/encode.go", "vm/encode_binary.go", "vm/encode_function.go", "vm/encode_object.go",
	"vm/encode_regexp.go", "vm/form.go",
	"js/supercluster_arguments.js", "cmd/sc/check.go",
}

// unscripted are texts of captureSources that no script brings about, and why.
var unscripted = map[string]string{
	"{ [native code] }s*$":                       "a pattern, not a text",
	"module.exports = require":                   "code that is made, not a text",
	"export {":                                   "the same",
	"say what the functions of a script capture": "help",
	"sc check FILE":                              "the command that a hint repeats",
	"bytes when encoded":                         "a value of 256 MB: vm's tests bring it about with a lower limit",
	"its text cannot be evaluated on its own; give it a body in braces": "every text that the parser gave can be: vm's tests hand one in",
}

// TestEveryCaptureErrorHasAScript: each constant part of a text of
// captureSources that is more than one word stands in a script.
func TestEveryCaptureErrorHasAScript(t *testing.T) {
	scripts := strings.NewReplacer(`\`, "", "''", "'").Replace(strings.Join(scriptLines(t), "\n"))
	found := map[string]bool{}
	for _, name := range captureSources {
		for _, text := range literals(t, filepath.Join("..", "..", filepath.FromSlash(name))) {
			for _, part := range constantParts(text) {
				found[part] = true
				switch in := strings.Contains(scripts, part); {
				case !in && unscripted[part] == "":
					t.Errorf("%s: no script has %q of %q", name, part, text)
				case in && unscripted[part] != "":
					t.Errorf("%s: %q is no exception: a script has it", name, part)
				}
			}
		}
	}
	for part := range unscripted {
		if !found[part] {
			t.Errorf("%q is an exception, and no text", part)
		}
	}
}

// literals are the strings of a file, in Go or in JavaScript.
func literals(t *testing.T, name string) (texts []string) {
	t.Helper()
	if filepath.Ext(name) == ".js" {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range jsString.FindAllStringSubmatch(string(b), -1) {
			if m[1]+m[2] != "" {
				texts = append(texts, m[1]+m[2])
			}
		}
		return texts
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && !strings.HasPrefix(text, "Examples:") {
				texts = append(texts, text)
			}
		}
		return true
	})
	return texts
}

// jsString is a comment, which is left out, or a string of a line.
var jsString = regexp.MustCompile("(?s:/\\*.*?\\*/)|//[^\n]*|'((?:[^'\\\\\n]|\\\\.)*)'|`((?:[^`\\\\]|\\\\.)*)`")

// placeholder is a verb of a format, or what stands for a value in a template.
var placeholder = regexp.MustCompile(`%[-+# 0-9.*\[\]]*[a-zA-Z%]|\$\{[^}]*\}`)

// constantParts are the parts of a text between its values that are more than one word.
func constantParts(text string) (parts []string) {
	for _, p := range placeholder.Split(strings.NewReplacer(`\`, "", "''", "'").Replace(text), -1) {
		p = strings.Trim(p, " :;,()'\"\n")
		if len(p) >= 6 && strings.Contains(p, " ") {
			parts = append(parts, p)
		}
	}
	return parts
}

package vm

import (
	"fmt"
	"sync"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// maxBacktrack is the number of slots of a backtracking regular expression's stack, 8 bytes each. goja takes the
// overflow of that stack for "no match", so it has to be larger than any honest match needs.
const maxBacktrack = 32 << 20

// tuneRegexps raises the limit above for the whole process, once, before the first runtime of ours exists: the
// setting is a variable of package regexp2, which goja does not let its users reach otherwise.
var tuneRegexps = sync.OnceFunc(func() {
	regexp2.DefaultOptimizationOptions.MaxBacktrackingStackSize = maxBacktrack
})

// Compile makes a program of src; name is the file that stack traces show. A program may run in many runtimes at
// once. Unlike goja's own function it reads no source map named in src from the disk, and a fault of the parser is
// an error instead of a panic, regular expressions may have what TranslateRegexps knows, and columns count as CountUTF16
// says. Syntax errors are *goja.CompilerSyntaxError.
func Compile(name, src string, strict bool) (p *goja.Program, err error) {
	defer func() {
		if x := recover(); x != nil {
			p, err = nil, fmt.Errorf("compile %s: the parser failed: %v", name, x)
		}
	}()
	tree, err := goja.Parse(name, src, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, err
	}
	if err := CountUTF16(tree.File, name, 0); err != nil {
		return nil, err
	}
	if err := TranslateRegexps(tree, src); err != nil {
		return nil, err
	}
	GrowStrings(tree, src)
	return goja.CompileAST(tree, strict)
}

// newRuntime returns a runtime with the settings that every runtime of ours has.
func newRuntime(maxStack int) *goja.Runtime {
	tuneRegexps()
	rt := goja.New()
	rt.SetParserOptions(parser.WithDisableSourceMaps)
	rt.SetMaxCallStackSize(maxStack)
	return rt
}

package loader

import (
	"github.com/dop251/goja"

	"supercluster/vm"
)

// Report is what there is to say about an error that nobody caught.
type Report struct {
	Name, Message string // "TypeError", "x is not a function"; of a thrown value that is no Error: "", its text
	Code          string // the error's code property, such as MODULE_NOT_FOUND
	File          string // the user's file, empty if unknown
	Line, Col     int    // 1-based, in the user's text, Col in UTF-16 units; 0 if unknown
	Frame         string // lines of the user's source around the place, with a caret; empty if unknown
	Stack         string // in V8's form and the user's own lines, beginning with name and message
	Hint          string // what may help, one line; empty if nothing
	Text          string // all of it as it is to be printed, without a newline at the end
	Exit          int    // exit status for the process: 1, or 13 for a main module that can never end
}

// Run runs the main module at path: CommonJS or an ES module, in JavaScript or TypeScript; "-" is the text on
// Config.Stdin. The error is what the module threw (*goja.Exception), or why it could not be found or compiled, also
// as *goja.Exception. A module with a top-level await goes on after Run returned; see Config.Uncaught and Pending.
func (l *Loader) Run(path string) error { return nil }

// Pending reports whether the main module still waits at a top-level await: if the loop has run out of work
// then, it waits for ever, and Node.js ends with status 13.
func (l *Loader) Pending() bool { return false }

// Require loads a module as require would in a file of the folder dir.
func (l *Loader) Require(dir, id string) (goja.Value, error) { return nil, nil }

// Locate returns where the text of a function, as Function.prototype.toString gave it, begins in the compiled text
// of a loaded file. If it stands in several places, the one in near's file that is nearest to near's line is meant.
// The zero Position means that no loaded file holds it.
func (l *Loader) Locate(source string, near vm.Position) vm.Position { return vm.Position{} }

// MapStack rewrites a stack in compiled coordinates, as it comes from a worker, in V8's form and the user's own files
// and lines. It leaves alone what it does not know.
func (l *Loader) MapStack(stack string) string { return stack }

// Frame shows the line of file, 1-based, with the lines around it and a caret below col (1-based, in UTF-16
// units; 0 means no caret). It is empty if the file cannot be read or has no such line.
func (l *Loader) Frame(file string, line, col int) string { return "" }

// Describe says what is known about err, an error of Run or of any goja call.
func (l *Loader) Describe(err error) Report { return Report{} }

// DescribeValue says what is known about a thrown value. Loop goroutine only.
func (l *Loader) DescribeValue(v goja.Value) Report { return Report{} }

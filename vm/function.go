package vm

import (
	"crypto/sha256"

	"github.com/dop251/goja"
)

// Position is a place in the text that was compiled: Line counts from 1, Col from 0, in UTF-16 units. The zero
// Position is unknown.
type Position struct {
	File      string
	Line, Col int
}

// Capture is one variable that a function uses from around it: its name and its value as Encode made it.
type Capture struct {
	Name  string
	Value []byte
}

// Function is a function as it travels: its text, not its identity.
type Function struct {
	Source   string    // an expression, or a method's text if Method
	Name     string    // its name property
	Pos      Position  // where Source begins
	Method   bool      // Source is `m() {…}`, to be evaluated inside an object literal
	Captures []Capture // in the order of their first use
}

// FunctionOf takes v apart. locate finds where a text stands in the program that was compiled; nil means unknown.
// What cannot travel (native and bound functions, getters, proxies) is an error that says what to do instead.
func FunctionOf(rt *goja.Runtime, v goja.Value, locate func(source string) Position) (*Function, error) {
	return nil, errNotFunction
}

// Encode returns the function as bytes.
func (f *Function) Encode() []byte { return nil }

// DecodeFunction is the inverse of Encode. It compiles nothing.
func DecodeFunction(b []byte) (*Function, error) { return nil, errNotFunction }

// Hash names the program of the function: its text, place and form, not its captures.
func (f *Function) Hash() [32]byte { return sha256.Sum256([]byte(f.Source)) }

// Compile returns the program whose value Bind turns into the function.
func (f *Function) Compile() (*goja.Program, error) { return nil, errNotFunction }

// Bind runs the program that Compile returned and returns the function, with its captures decoded by decode.
func (f *Function) Bind(rt *goja.Runtime, p *goja.Program, decode func([]byte) (goja.Value, error)) (*goja.Object, error) {
	return nil, errNotFunction
}

package vm

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/dop251/goja"
)

// TestCountUTF16 has an error thrown at each of the marks of a text, and compares where goja says that it was with the
// place counted by hand.
func TestCountUTF16(t *testing.T) {
	tests := []struct{ name, src string }{
		{"ASCII", "1;\n throw new Error()"},
		{"umlaut", "'ä'; throw new Error()"},
		{"ideograph", "'漢'; throw new Error()"},
		{"emoji", "'😀'; throw new Error()"},
		{"name in another script", "let имя = 1; throw new Error()"},
		{"in a comment", "/* 漢😀 */ throw new Error()"},
		{"only on the line before", "'漢';\n1; throw new Error()"},
		{"only on a line long before", "'漢';\n\n\n\n1; throw new Error()"},
		{"only on the line after", "1; throw new Error()\n'漢'"},
		{"between two such lines", "'漢';\n1; throw new Error()\n'漢'"},
		{"last of a run", "'漢';\n'漢漢';\n'漢漢漢'; throw new Error()"},
		{"first of a run", "'漢'; throw new Error()\n'漢';\n'漢漢'"},
		{"second run", "'漢';\n1\n2\n'漢漢'; throw new Error()\n"},
		{"carriage returns", "'漢'\r\n1\r'漢'; throw new Error()"},
		{"line separator", "'漢'\u2028'漢'; throw new Error()"},
		{"no text at all before it", "throw new Error() // 漢"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Compile("a b.js", tt.src, false)
			if err != nil {
				t.Fatal(err)
			}
			_, err = newRuntime(100).RunProgram(p)
			ex, ok := err.(*goja.Exception)
			if !ok {
				t.Fatalf("threw %v", err)
			}
			before := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n").Replace(tt.src[:strings.Index(tt.src, "new Error")])
			lines := strings.Split(before, "\n")
			want := fmt.Sprintf(":%d:%d", len(lines), len(utf16.Encode([]rune(lines[len(lines)-1])))+1)
			at := ex.Stack()[0].Position()
			if got := fmt.Sprintf(":%d:%d", at.Line, at.Column); got != want {
				t.Errorf("%q throws at %s, want %s", tt.src, got, want)
			}
		})
	}
}

// BenchmarkCountUTF16 compiles a text of 1 MB in one line, once in ASCII and once with a letter that is not, at its
// beginning.
func BenchmarkCountUTF16(b *testing.B) {
	body := strings.Repeat("f(a, b.c[1], 'x');", 1<<20/18)
	for name, head := range map[string]string{"ascii": "'a';", "umlaut": "'ä';"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Compile("x.js", head+body, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

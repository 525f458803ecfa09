package js

import "testing"

func TestSource(t *testing.T) {
	for _, name := range Names() {
		if text, ok := Source(name); !ok || text == "" {
			t.Errorf("Source(%q) = %d bytes, %v, want its text", name, len(text), ok)
		}
	}
	for _, name := range []string{"", "nosuch", "../go", "js.go"} {
		if _, ok := Source(name); ok {
			t.Errorf("Source(%q) found a module, want none", name)
		}
	}
}

package js

import (
	"regexp"
	"strings"
	"testing"
)

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

// member matches a line of the declarations that begins a member or a type, and what it is called.
var member = regexp.MustCompile(`^(?:export )?(?:readonly )?(?:const |class |interface |type |function )?(on\(event: '\w+'|[A-Za-z]+)\??[<(:{ =]`)

// TestTypesAreDocumented: each member of the declarations has a comment, but for further forms of the one above.
func TestTypesAreDocumented(t *testing.T) {
	above, last := "", ""
	for i, line := range strings.Split(Types(), "\n") {
		text := strings.TrimSpace(line)
		m := member.FindStringSubmatch(text)
		inside := strings.HasPrefix(line, "  ") && text != "" && text[0] != '*' && text[0] != '/' && text[0] != '}'
		if inside && m != nil && !strings.HasSuffix(above, "*/") && m[1] != last && m[1] != "type" {
			t.Errorf("line %d has no comment: %s", i+1, text)
		}
		if m != nil && inside {
			last = m[1]
		}
		above = text
	}
}

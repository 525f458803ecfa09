package vm

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

func TestTranslatePattern(t *testing.T) {
	tests := []struct {
		name, in string
		v        bool
		want     string // "" means that it is not understood
	}{
		{"no property", `a[b]\d\\p`, false, `a[b]\d\\p`},
		{"ASCII", `\p{ASCII}+`, false, `[\u0000-\u007f]+`},
		{"in a class", `[x\p{ASCII}]`, false, `[x\u0000-\u007f]`},
		{"negated", `\P{ASCII}`, false, `[\u0080-\u{10ffff}]`},
		{"unknown", `\p{Nonsense}`, false, ``},
		{"unfinished", `\p{`, false, `\p{`},
		{"escaped", `\\p{L}`, false, `\\p{L}`},
		{"script", `\p{Script=Ogham}`, false, `[\u1680-\u169c]`},
		{"a class", `x[a-c]`, true, `x[\u0061-\u0063]`},
		{"negated class", `[^\u{1}-\u{10ffff}]`, true, `[\u0000]`},
		{"union", `[[a-c][b-e]x]`, true, `[\u0061-\u0065\u0078]`},
		{"difference", `[[a-e]--[b-c]]`, true, `[\u0061\u0064-\u0065]`},
		{"intersection", `[\w&&\d&&[1-3]]`, true, `[\u0031-\u0033]`},
		{"strings", `[\q{ab|c}d]`, true, `(?:\u0061\u0062|[\u0063-\u0064])`},
		{"strings taken away", `[\q{ab|cd}--\q{ab}]`, true, `(?:\u0063\u0064)`},
		{"escapes", `[\n\x41\u0042\-\]]`, true, `[\u000a\u002d\u0041-\u0042\u005d]`},
		{"negated strings", `[^\q{ab}]`, true, ``},
		{"open class", `[a`, true, ``},
		{"range backwards", `[b-a]`, true, ``},
		{"property with operators", `[\p{ASCII}--[\x00-\x7e]]`, true, `[\u007f]`},
	}
	for _, tt := range tests {
		got, ok := translatePattern(tt.in, tt.v)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: translatePattern(%s, %v) = %s, %v, want %s", tt.name, tt.in, tt.v, got, ok, tt.want)
		}
	}
}

func TestProperties(t *testing.T) {
	holds := func(spans []span, r rune) bool {
		for _, s := range spans {
			if r >= s.lo && r <= s.hi {
				return true
			}
		}
		return false
	}
	tests := []struct{ prop, in, out string }{
		{"L", "aéЖ中", "1 -"},
		{"Letter", "a", "1"},
		{"gc=Lu", "AÉ", "a1"},
		{"General_Category=Decimal_Number", "0٣", "a"},
		{"Script=Greek", "λ", "a"},
		{"scx=Cyrillic", "Ж", "a"},
		{"Alphabetic", "aⅧ", "1"},
		{"Uppercase", "AⅧ", "a"},
		{"Lowercase", "aª", "A"},
		{"ID_Start", "aé", "1_"},
		{"ID_Continue", "a1_", "-"},
		{"White_Space", " \u00a0", "a"},
		{"Any", "a😀", ""},
		{"Assigned", "a", "\U000e0fff"},
		{"ASCII", "a", "é"},
		{"Emoji", "😀1#", "a"},
		{"Emoji_Presentation", "😀", "1a"},
		{"Extended_Pictographic", "😀©", "1a"},
		{"Default_Ignorable_Code_Point", "\u200b\u00ad\ufe0f", "a \u2028"},
		{"Format", "\u200b", "a"},
		{"Sc", "€$", "a"},
		{"Hex_Digit", "aF0", "g"},
	}
	for _, tt := range tests {
		spans, ok := propertySpans(tt.prop)
		if !ok {
			t.Errorf("%s is unknown", tt.prop)
		}
		for _, r := range tt.in {
			if !holds(spans, r) {
				t.Errorf("%q is not in %s", r, tt.prop)
			}
		}
		for _, r := range tt.out {
			if holds(spans, r) {
				t.Errorf("%q is in %s", r, tt.prop)
			}
		}
	}
	for _, prop := range []string{"", "x", "L=L", "Script=Klingon", "gc=Nope"} {
		if _, ok := propertySpans(prop); ok {
			t.Errorf("%q is known", prop)
		}
	}
}

// FuzzTranslate: no pattern makes it panic or go on for ever.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{`[a--[b]]`, `\p{L}[^\P{Lu}]`, `[\q{a|bc}]`, `[\u{1F600}-`, `\`, `[\`, `[\x`, `[\q{`, `[\u{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range []bool{false, true} {
			groupNames(s, map[bool]string{true: "v"}[v])
			if out, ok := translatePattern(s, v); ok && s != "" && out == "" {
				t.Errorf("translatePattern(%q, %v) is empty", s, v)
			}
		}
	})
}

// TestRegexpsOfTasks: functions that are sent may use property classes and flag v.
func TestRegexpsOfTasks(t *testing.T) {
	f := Function{Source: `(s) => [/^\p{L}+$/u.test(s), /[\p{L}--[a-z]]/v.test(s)]`}
	task := Task{Code: f.Encode(), Args: taskOf(t, `(s) => s`, `"aЖ"`).Args}
	if got := run(t, NewEngine(EngineConfig{}), task, nil); strings.Count(got, "true") != 2 {
		t.Errorf("%s, want true twice", got)
	}
}

// The scan says what the expression that it stands for says: `\b` is taken from the regexp package.
func TestMayNeedTranslation(t *testing.T) {
	slow := regexp.MustCompile(`\\[pP]\{|/[dgimsy]*v[dgimsy]*\b|\(\?<([^=!]|$)`)
	parts := []string{"/", "v", "g", "s", "u", "vv", "$", "_", " ", ";", "9", `\p{`, `\P{`, `\p`, "{", "é", "(?<", "=!", "x/v", "//", "a/gv.test("}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				for _, d := range parts {
					code := a + b + c + d
					if got, want := mayNeedTranslation(code), slow.MatchString(code); got != want {
						t.Fatalf("mayNeedTranslation(%q) = %v, want %v", code, got, want)
					}
				}
			}
		}
	}
}

// TestRegexpsAreShown: a translated expression reads as the user wrote it, also where it was sent.
func TestRegexpsAreShown(t *testing.T) {
	show := `(r) => JSON.stringify([r.source, r.flags, String(r), r.test('é'), r.unicodeSets])`
	for _, tt := range []struct{ name, literal, want string }{
		{"property", `/^\p{L}+$/u`, `["^\\p{L}+$","u","/^\\p{L}+$/u",true,false]`},
		{"property in a class", `/[\p{L}\d]/giu`, `["[\\p{L}\\d]","giu","/[\\p{L}\\d]/giu",true,false]`},
		{"set", `/[\p{L}--[a-z]]/v`, `["[\\p{L}--[a-z]]","v","/[\\p{L}--[a-z]]/v",true,true]`},
		{"escaped slash", `/\p{L}\/?/u`, `["\\p{L}\\/?","u","/\\p{L}\\/?/u",true,false]`},
		{"alternatives", `/a|\p{L}/u`, `["a|\\p{L}","u","/a|\\p{L}/u",true,false]`},
		{"made at run time", `new RegExp('\\p{L}|/[/]', 'u')`, `["\\p{L}|\\/[/]","u","/\\p{L}|\\/[/]/u",true,false]`},
		{"made at run time, not translated", `new RegExp('é|/[/]')`, `["é|\\/[/]","","/é|\\/[/]/",true,false]`},
		{"made of one with other flags", `new RegExp(/[\p{L}--[a-z]]/v, 'gv')`, `["[\\p{L}--[a-z]]","gv","/[\\p{L}--[a-z]]/gv",true,true]`},
		{"cloned", `structuredClone(/\p{L}\//u) && structuredClone(/[\p{L}--[a-z]]/v)`, `["[\\p{L}--[a-z]]","v","/[\\p{L}--[a-z]]/v",true,true]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Function{Source: `() => (` + show + `)(` + tt.literal + `)`}
			task := Task{Code: f.Encode(), Args: taskOf(t, `(s) => s`, `1`).Args}
			if got := run(t, NewEngine(EngineConfig{}), task, nil); got != strconv.Quote(tt.want) {
				t.Errorf("inside a task: %s, want %q", got, tt.want)
			}
			if !strings.HasPrefix(tt.literal, "/") {
				return
			}
			p, err := Compile("x.js", tt.literal, false)
			if err != nil {
				t.Fatal(err)
			}
			rt := goja.New()
			v, err := rt.RunProgram(p)
			if err != nil {
				t.Fatal(err)
			}
			args, err := Encode(rt, rt.NewArray(v), EncodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			f = Function{Source: show}
			task = Task{Code: f.Encode(), Args: args}
			if got := run(t, NewEngine(EngineConfig{}), task, nil); got != strconv.Quote(tt.want) {
				t.Errorf("sent to a task: %s, want %q", got, tt.want)
			}
		})
	}
}

func TestGroupNames(t *testing.T) {
	for _, tt := range []struct{ name, pattern, flags, want string }{
		{"no names", `(a)\k`, "", ""},
		{"lookbehind", `(?<=a)(?<!b)`, "u", ""},
		{"a name", `(?<año_$1>x)\k<año_$1>`, "", ""},
		{"the same by an escape", `(?<n>x)(?<\u006e>y)`, "", "Duplicate capture group name"},
		{"surrogates", `(?<\ud835\udc9c>x)\k<\u{1d49c}>`, "u", ""},
		{"a lone surrogate", `(?<\ud835>x)`, "u", "Invalid capture group name"},
		{"open escape", `(?<\u{61>x)`, "u", "Invalid capture group name"},
		{"too large", `(?<\u{110000}>x)`, "u", "Invalid capture group name"},
		{"digit first", `(?<1a>x)`, "", "Invalid capture group name"},
		{"unfinished", `(?<a`, "", "Invalid capture group name"},
		{"in a class", `[(?<1>]`, "", ""},
		{"in a nested class", `[a[b](?<1>]`, "v", ""},
		{"escaped", `\(?<1>`, "", ""},
		{"reference before", `\k<a>(?<a>x)`, "", ""},
		{"reference to nothing", `(?<a>x)\k<b>`, "", "Invalid named capture referenced"},
		{"bare reference", `(?<a>x)\k`, "", "Invalid named reference"},
		{"reference without names", `\k<a>`, "u", "Invalid named capture referenced"},
	} {
		if got := groupNames(tt.pattern, tt.flags); got != tt.want {
			t.Errorf("%s: groupNames(%s, %q) = %q, want %q", tt.name, tt.pattern, tt.flags, got, tt.want)
		}
	}
}

// TestHostileRegexp: property classes that are received become ranges, of which there must not be too many.
func TestHostileRegexp(t *testing.T) {
	for _, pattern := range []string{strings.Repeat(`\p{L}`, 65), strings.Repeat(`\P{L}`, 30), strings.Repeat(`a`, 65<<10) + `\p{L}`, `\p{Foo}`} {
		w := value.NewWriter(nil)
		w.Begin(value.KindRegExp, 2)
		w.Str(pattern)
		w.Str("u")
		if v, err := Decode(goja.New(), w.Bytes(), DecodeOptions{}); err == nil {
			t.Errorf("Decode of /%.40s…/u = %v, want an error", pattern, v)
		}
	}
}

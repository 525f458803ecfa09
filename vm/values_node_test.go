package vm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// maker writes random values as JavaScript source that every engine reads alike.
type maker struct {
	*rand.Rand
	vars int // v0, v1, … are objects made so far
}

// source returns an expression whose value is an array of all objects made, with cycles and shared references.
func source(seed uint64) string {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7))}
	var b strings.Builder
	b.WriteString("(() => {\n")
	for n := 3 + m.IntN(8); m.vars < n; m.vars++ {
		fmt.Fprintf(&b, "const v%d = %s;\n", m.vars, m.object())
	}
	for range m.IntN(4) {
		// structuredClone drops own properties of errors, which we keep.
		i := m.IntN(m.vars)
		fmt.Fprintf(&b, "if (!(v%d instanceof Error)) v%d.c = v%d;\n", i, i, m.IntN(m.vars))
	}
	b.WriteString("return [")
	for i := range m.vars {
		fmt.Fprintf(&b, "v%d,", i)
	}
	b.WriteString("]; })()")
	return b.String()
}

func (m *maker) pick(s ...string) string { return s[m.IntN(len(s))] }

// list joins up to n results of f.
func (m *maker) list(n int, f func() string) string {
	parts := make([]string, m.IntN(n+1))
	for i := range parts {
		parts[i] = f()
	}
	return strings.Join(parts, ",")
}

func (m *maker) str() string {
	return m.pick(`""`, `"a"`, `"key"`, `"é€"`, `"😀"`, `"\ud800x"`, `"\udc00"`, `"\ufffd"`, `"__proto__"`, `"\0\n\\"`, `"0"`, `"-1"`, `"4294967295"`,
		`"long ".repeat(30)`, `"größe ".repeat(30)`)
}

func (m *maker) number() string {
	return m.pick("0", "-0", "1", "-1", "NaN", "Infinity", "-Infinity", "1.5", "1e300", "5e-324", "2**31", "-(2**31)", "2**32", "2**53", "2**53-1",
		"-(2**53)", "127", "128", "-32", "-33", "255", "256", "65536", fmt.Sprint(m.Int32()), fmt.Sprint(m.NormFloat64()))
}

func (m *maker) primitive() string {
	switch m.IntN(6) {
	case 0:
		return m.pick("undefined", "null", "true", "false")
	case 1:
		return m.pick("0n", "1n", "-1n", "255n", "-256n", "2n**64n", "-(3n**90n)")
	case 2, 3:
		return m.number()
	}
	return m.str()
}

// value is a primitive, an object made before, or a new one.
func (m *maker) value() string {
	switch r := m.IntN(6); {
	case r == 0 && m.vars > 0:
		return fmt.Sprintf("v%d", m.IntN(m.vars))
	case r == 1:
		return m.object()
	}
	return m.primitive()
}

func (m *maker) object() string {
	switch m.IntN(12) {
	case 0, 1:
		return "({" + m.list(5, func() string { return "[" + m.str() + "]:" + m.value() }) + "})"
	case 2:
		return "[" + m.list(6, m.value) + "]"
	case 3:
		return "[" + m.list(8, func() string { return m.pick("", m.primitive()) }) + ",]"
	case 4:
		return fmt.Sprintf("Array.from({length:%d},(_, i)=>%s)", m.IntN(60), m.pick("i", "-i", "i*1000", "i*1e6", "i/7", "-0", `"s"+i`, "i%3?i:null"))
	case 5:
		return fmt.Sprintf("(a=>{ a[%s]=%s; return a })([%s])", m.pick("5", "40", "70000", "4294967290", `"x"`, `"-1"`, `"length"`), m.pick("7", "8"), m.list(3, m.primitive))
	case 6:
		return "new Map([" + m.list(4, func() string { return "[" + m.value() + "," + m.value() + "]" }) + "])"
	case 7:
		return "new Set([" + m.list(4, m.value) + "])"
	case 8:
		return m.pick("new Date(0)", "new Date(-1)", "new Date(NaN)", "new Date(8.64e15)", "/a.b/g", "/[/]\\n/imsuy", "new Number(-0)",
			`new String("s\ud800")`, "new Boolean(false)", "Object(7n)", "new (class A { a = 1; #p = 2; get g() { return 1 } })", "Object.create({inherited:1})",
			`Object.defineProperty({a:1},"h",{value:1})`, "({get g() { return 7 }})")
	case 9:
		return m.pick("Error", "TypeError", "RangeError", "SyntaxError", "EvalError", "URIError", "ReferenceError") +
			"(" + m.pick(`"m"`, `""`, `"é\ud800"`, m.str()+","+"{cause:"+m.value()+"}") + ")"
	case 10:
		return "new " + m.pick("Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Float32", "Float64") + "Array(" +
			m.pick("0", "3", "[1,2,300]", "new ArrayBuffer(16)", "new ArrayBuffer(32),8,2") + ")"
	}
	return m.pick("new ArrayBuffer(0)", "new Uint8Array([1,2,3]).buffer", "new DataView(new ArrayBuffer(9),1,5)", "new BigInt64Array([1n,-1n])",
		"new BigUint64Array([2n**63n])", "(b=>[b,new Uint8Array(b),new Int16Array(b,2,1),new DataView(b)])(new ArrayBuffer(8))")
}

// TestAgainstNode compares our copies of random values with those of node's structuredClone.
func TestAgainstNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	sources := make([]string, 500)
	for i := range sources {
		sources[i] = source(uint64(i))
	}
	in, err := json.Marshal(sources)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/values_dump.js", "clone")
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.Bytes())
	}
	var want []string
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	there := goja.New()
	for i, src := range sources {
		v, err := Decode(there, encode(t, src), DecodeOptions{})
		if err != nil {
			t.Errorf("seed %d: Decode: %v", i, err)
			continue
		}
		if got := dump(t, there, v); got != want[i] {
			t.Errorf("seed %d: %s\narrives as\n%s\nnode's as\n%s", i, src, got, want[i])
		}
		if i > 20 && t.Failed() {
			t.FailNow()
		}
	}
}

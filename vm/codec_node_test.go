package vm

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/js"
)

// codecSource has node decode bytes of ours, dump them, and encode what a source gives. It reads and answers JSON.
const codecSource = `
const { encode } = require('./encode.js');
const { decode } = require('./decode.js');
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(({ source, hex }) => {
  const out = { dump: '', hex: '', error: '' };
  const attempt = (f) => { try { return f(); } catch (err) { out.error += err.message; return ''; } };
  out.dump = attempt(() => dump(decode(Buffer.from(hex, 'hex'))));
  out.hex = attempt(() => encode((0, eval)(source), { path: 'args' }).toString('hex'));
  return out;
})));
`

type codecCase struct {
	Source string `json:"source"`
	Hex    string `json:"hex"`
}

type codecResult struct{ Dump, Hex, Error string }

// inNode runs the cases through the codec of node.
func inNode(t *testing.T, cases []codecCase) []codecResult {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"encode.js": js.NodeProgram("node_encode"),
		"decode.js": js.NodeProgram("node_decode"),
		"run.js":    dumpSource + codecSource,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, filepath.Join(dir, "run.js"))
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.Bytes())
	}
	var results []codecResult
	if err := json.Unmarshal(out, &results); err != nil || len(results) != len(cases) {
		t.Fatalf("node answers %d of %d cases, %v", len(results), len(cases), err)
	}
	return results
}

// codecCases are the table of values, and random ones.
func codecCases(t *testing.T) (cases []codecCase) {
	t.Helper()
	sources := make([]string, 0, len(values)+500)
	for _, v := range values {
		if v.name != "match" { // engines add its properties in different orders
			sources = append(sources, v.source)
		}
	}
	for seed := range uint64(500) {
		sources = append(sources, source(seed))
	}
	for _, src := range sources {
		cases = append(cases, codecCase{src, hex.EncodeToString(encode(t, src))})
	}
	return cases
}

// TestCodecOfNode has each value go from here to node and from node to here, and compares the bytes that both make of
// it. Errors differ in their stacks, so there only what arrives is compared.
func TestCodecOfNode(t *testing.T) {
	cases := codecCases(t)
	for i, got := range inNode(t, cases) {
		c := cases[i]
		if got.Error != "" {
			t.Errorf("%.200s: %s", c.Source, got.Error)
			continue
		}
		here := goja.New()
		ours, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Decode(here, ours, DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := dump(t, here, v)
		if got.Dump != want {
			t.Errorf("%.200s: arrives in node as\n%.300s, want\n%.300s", c.Source, got.Dump, want)
		}
		theirs, err := hex.DecodeString(got.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if v, err = Decode(here, theirs, DecodeOptions{}); err != nil {
			t.Errorf("%.200s: Decode(%.100x) of node's: %v", c.Source, theirs, err)
			continue
		}
		if back := dump(t, here, v); back != want {
			t.Errorf("%.200s: arrives from node as\n%.300s, want\n%.300s", c.Source, back, want)
		}
		if got.Hex != c.Hex && !strings.Contains(want, "error ") {
			t.Errorf("%.200s: node encodes\n%.200s, want\n%.200s", c.Source, got.Hex, c.Hex)
		}
	}
}

// TestCodecOfNodeRefuses holds that node says the same of what cannot travel.
func TestCodecOfNodeRefuses(t *testing.T) {
	refused := []struct{ source, want string }{
		{`[{items:[0,1,2,{socket:Symbol("q")}]}]`, `args[0].items[3].socket: a symbol cannot be sent`},
		{`Object(Symbol())`, `args: a symbol cannot be sent`},
		{`[Promise.resolve()]`, `args[0]: a promise cannot be sent; await it first`},
		{`({"a b":new Proxy({},{})})`, `args["a b"]: a proxy cannot be sent`},
		{`({p:new Proxy(function(){},{})})`, `args.p: a proxy cannot be sent`},
		{`({w:new WeakMap})`, `args.w: a WeakMap cannot be sent`},
		{`new (class extends WeakSet {})`, `args: a WeakSet cannot be sent`},
		{`[[].values()]`, `args[0]: an iterator cannot be sent; make an array of it`},
		{`new Set().entries()`, `args: an iterator cannot be sent; make an array of it`},
		{`(function*(){})()`, `args: an iterator cannot be sent; make an array of it`},
		{`new Map([["k",1],["l",Symbol()]])`, `args.get("l"): a symbol cannot be sent`},
		{`new Map([[Symbol(),1]])`, `args.key(0): a symbol cannot be sent`},
		{`new Map([[{},1],[[],Symbol()]])`, `args.value(1): a symbol cannot be sent`},
		{`new Set([1,Symbol()])`, `args.value(1): a symbol cannot be sent`},
		{`({f(){}})`, `args.f: a function cannot be sent here, only in arguments`},
		{`(a=>{a[5000]=Symbol(); return a})([])`, `args[5000]: a symbol cannot be sent`},
		{`(o=>{for(let i=0;i<1001;i++)o=[o];return o})(0)`, `args` + strings.Repeat("[0]", 1000) + `: nested more than 1000 deep`},
		{`new WeakRef({})`, `args: a host object cannot be sent`},
		{`new Uint8Array(new SharedArrayBuffer(4))`, `args: a host object cannot be sent`},
		{`(b=>{structuredClone(b,{transfer:[b]}); return b})(new ArrayBuffer(4))`, `args: a detached ArrayBuffer cannot be sent`},
		{`/(?:a{9999}){9999}/`, `args: RegExps of this size cannot be sent`},
	}
	var cases []codecCase
	for _, r := range refused {
		cases = append(cases, codecCase{r.source, "c0"})
	}
	for i, got := range inNode(t, cases) {
		if r := refused[i]; got.Error != r.want {
			t.Errorf("encode(%s): %q, want %q", r.source, got.Error, r.want)
		}
	}
}

// TestCodecOfNodeHostile gives node bytes that are no value: each is an Error with a place, and soon.
func TestCodecOfNodeHostile(t *testing.T) {
	var cases []codecCase
	for _, in := range [][]byte{
		{}, {0xc1}, {0xdd, 0xff, 0xff, 0xff, 0xff}, {0xdf, 0xff, 0xff, 0xff, 0xff}, {0xc6, 0xff, 0xff, 0xff, 0xff},
		{0xdb, 0xff, 0xff, 0xff, 0xff}, {0xc9, 0xff, 0xff, 0xff, 0xff, 1}, {0xa1, 0xff}, {0x91}, {0xd6, 0x0b, 0, 0, 0, 9},
		{0x92, 0xc7, 0, 14, 0x80}, {0x92, 0xc7, 0, 12, 0xc4, 0}, {0x94, 0xd4, 9, 2, 0, 9, 0xd4, 10, 1}, {0xc0, 0xc0},
		{0x93, 0xc7, 0, 5, 1, 0xd6}, {0x92, 0xc7, 0, 13, 0xff}, {0xd4, 16, 3}, {0xd5, 16, 2, 1}, {0xd6, 2, 0, 0, 0, 1},
		bytes.Repeat([]byte{0x91}, 4<<20), bytes.Repeat([]byte{0xdd, 0, 0x10, 0, 0}, 1000),
	} {
		cases = append(cases, codecCase{"0", hex.EncodeToString(in)})
	}
	for i, got := range inNode(t, cases) {
		if !strings.Contains(got.Error, "value at byte ") {
			t.Errorf("decode(%.40s) = %q, %q; want an error that says where", cases[i].Hex, got.Dump, got.Error)
		}
	}
}

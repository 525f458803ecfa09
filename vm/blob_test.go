package vm

import (
	"crypto/sha256"
	"reflect"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// stand stands for a large value in a test.
type stand struct{ data []byte }

func embedStand(o *goja.Object) (hash [32]byte, ok bool) {
	if o.ExportType() != reflect.TypeFor[*stand]() {
		return hash, false
	}
	return sha256.Sum256(o.Export().(*stand).data), true
}

func TestEmbedBlobs(t *testing.T) {
	rt := goja.New()
	large, err := Encode(rt, mustRun(t, rt, `const shared = {n: 1}; [shared, shared, new Map([["k", shared]])]`), EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[[32]byte][]byte{sha256.Sum256(large): large}
	if err := rt.Set("ref", &stand{large}); err != nil {
		t.Fatal(err)
	}
	args, err := Encode(rt, mustRun(t, rt, `const own = {}; [own, ref, own, {again: ref, text: "x"}, new Set([ref])]`),
		EncodeOptions{Embed: embedStand})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(rt, args, DecodeOptions{}); err == nil || !strings.Contains(err.Error(), "not here") {
		t.Errorf("a reference without its value gives %v", err)
	}
	full, err := EmbedBlobs(args, blobs)
	if err != nil {
		t.Fatal(err)
	}
	if err := value.Check(full, value.Limits{}); err != nil {
		t.Errorf("the whole is not well-formed: %v", err)
	}
	v, err := Decode(rt, full, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rt.Set("got", v); err != nil {
		t.Fatal(err)
	}
	for _, holds := range []string{
		`got[0] === got[2]`, `got[1][0] === got[1][1]`, `got[1][2].get("k") === got[1][0]`, `got[1] !== got[0]`,
		`got[3].again === got[1]`, `got[3].text === "x"`, `got[4].has(got[1])`,
	} {
		if !mustRun(t, rt, holds).ToBoolean() {
			t.Errorf("not so: %s", holds)
		}
	}
	if _, err := EmbedBlobs(args, nil); err == nil {
		t.Error("a value that is not there was put in")
	}
	if b, err := EmbedBlobs([]byte{0x91, 0x01}, nil); err != nil || string(b) != "\x91\x01" {
		t.Errorf("EmbedBlobs of a value without references = %x, %v", b, err)
	}
	for n := range args {
		if _, err := EmbedBlobs(args[:n], blobs); n > 0 && err == nil {
			t.Errorf("the first %d bytes were taken for a value", n)
		}
	}
}

func TestEmbedBareReference(t *testing.T) {
	hash := sha256.Sum256([]byte("env"))
	w := value.NewWriter(nil)
	w.MapLen(1)
	w.Str("env")
	w.Ext(value.KindBlob, hash[:])
	b, err := EmbedBlobs(w.Bytes(), map[[32]byte][]byte{hash: []byte("env")})
	if err != nil || string(b) != "\x81\xa3env\xc4\x03env" {
		t.Errorf("EmbedBlobs = %x, %v", b, err)
	}
}

// TestHostileReference decodes what no encoder writes.
func TestHostileReference(t *testing.T) {
	rt := goja.New()
	for name, write := range map[string]func(w *value.Writer){
		"short hash":  func(w *value.Writer) { w.ArrayLen(2); w.Ext(value.KindBlob, []byte{1}); w.Bin([]byte{0xc0}) },
		"no bytes":    func(w *value.Writer) { w.ArrayLen(2); w.Ext(value.KindBlob, make([]byte, 32)); w.Nil() },
		"three parts": func(w *value.Writer) { w.ArrayLen(3); w.Ext(value.KindBlob, make([]byte, 32)); w.Bin(nil); w.Nil() },
		"no value":    func(w *value.Writer) { w.ArrayLen(2); w.Ext(value.KindBlob, make([]byte, 32)); w.Bin([]byte{0xc1}) },
		"out of itself": func(w *value.Writer) {
			w.ArrayLen(2)
			w.Ext(value.KindBlob, make([]byte, 32))
			w.Bin([]byte{0xd6, 11, 0, 0, 0, 0})
		},
		"by itself": func(w *value.Writer) { w.Ext(value.KindBlob, make([]byte, 32)) },
	} {
		w := value.NewWriter(nil)
		write(w)
		if v, err := Decode(rt, w.Bytes(), DecodeOptions{}); err == nil {
			t.Errorf("%s gives %v, want an error", name, v)
		}
	}
	nested := []byte{0xc0}
	for range 200 {
		w := value.NewWriter(nil)
		w.ArrayLen(2)
		w.Ext(value.KindBlob, make([]byte, 32))
		w.Bin(nested)
		nested = w.Bytes()
	}
	if _, err := Decode(rt, nested, DecodeOptions{}); err == nil {
		t.Error("200 values in each other were taken")
	}
}

func mustRun(t *testing.T, rt *goja.Runtime, source string) goja.Value {
	t.Helper()
	v, err := rt.RunString(source)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

package vm

import (
	"testing"

	"github.com/dop251/goja"
)

// benchmarks are what travels in practice: the sizes are those of the encoded values.
var benchmarks = []struct{ name, source string }{
	{"Args", `[1,"abc",{id:7,name:"x",tags:["a","b"]}]`},
	{"Records1MB", `Array.from({length:10000},(_, i)=>({id:i,name:"record number "+i,score:i/3,active:i%2==0,tags:["red","green"],nested:{x:i,y:-i}}))`},
	{"Bytes1MB", `new Uint8Array(1<<20).fill(7)`},
	{"Floats1MB", `new Float64Array(1<<17).fill(0.5)`},
	{"Numbers100k", `Array.from({length:100000},(_, i)=>i)`},
	{"Strings20k", `Array.from({length:20000},(_, i)=>"string number "+i)`},
	{"Text1MB", `"größe ".repeat(150000)`},
	{"Map10k", `new Map(Array.from({length:10000},(_, i)=>["key"+i,i]))`},
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			rt := goja.New()
			v := eval(b, rt, c.source)
			b.ReportAllocs()
			for b.Loop() {
				out, err := Encode(rt, v, EncodeOptions{})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(out)))
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			in := encode(b, c.source)
			rt := goja.New()
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(rt, in, DecodeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFresh is the share of values in a task: a new runtime, arguments in, a result out.
func BenchmarkFresh(b *testing.B) {
	in := encode(b, benchmarks[0].source)
	b.ReportAllocs()
	for b.Loop() {
		rt := goja.New()
		v, err := Decode(rt, in, DecodeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Encode(rt, v, EncodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

package vm

import (
	"testing"

	"supercluster/vm/value"
)

// What several calls gave is read without an engine, as sc map does, whether it was packed or not.
func TestReadEach(t *testing.T) {
	e := NewEngine(EngineConfig{})
	for _, c := range []struct {
		name, fn, args string
		want           []string
	}{
		{"small numbers", `(x) => x`, `[1, 2, -3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]`,
			[]string{"1", "2", "-3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"}},
		{"fractions", `(x) => x / 8`, `[1, -0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]`,
			[]string{"0.125", "-0", "0.375", "0.5", "0.625", "0.75", "0.875", "1", "1.125", "1.25", "1.375", "1.5", "1.625", "1.75", "1.875", "2", "2.125", "2.25", "2.375", "2.5"}},
		{"texts and a failure", `(x) => { if (x === 2) throw new RangeError('two'); return 'x' + x }`, `[1, 2, 3]`,
			[]string{"x1", "RangeError: two", "x3"}},
		{"nothing", `(x) => x`, `[]`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := taskOf(t, c.fn, c.args)
			task.Each = true
			result := e.Run(t.Context(), task, new(recorder)).Value
			got, err := ReadEach(result)
			if err != nil {
				t.Fatal(err)
			}
			failed, first := EachFailures(result)
			for _, r := range got {
				if failed--; r.Err == nil {
					failed++
				} else if first != nil && string(r.Err) != string(first) {
					t.Errorf("EachFailures gives the error %x, ReadEach %x", first, r.Err)
				}
			}
			if failed != 0 {
				t.Errorf("EachFailures counts %d more than ReadEach", failed)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d results, want %d", len(got), len(c.want))
			}
			for i, r := range got {
				if text := showEach(t, r); text != c.want[i] {
					t.Errorf("result %d is %s, want %s", i, text, c.want[i])
				}
			}
		})
	}
}

func showEach(t *testing.T, r EachResult) string {
	t.Helper()
	if r.Err != nil {
		e, _ := value.DecodeError(r.Err)
		return e.Name + ": " + e.Message
	}
	v, err := Decode(newRuntime(100), r.Value, DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := v.Export().(float64); ok && f == 0 {
		return "-0"
	}
	return v.String()
}

func FuzzReadEach(f *testing.F) {
	for _, seed := range []string{"", "\x92\x90\x90", "\x92\x93\x01\x02\x03\x91\x92\x01\xa1e", "\x92\xc7\x03\x10\x01\x05\x06\x90", "\x92\xc7\x01\x10\x03\x90"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		EachFailures(b)
		list, err := ReadEach(b)
		if err != nil {
			return
		}
		for i, r := range list {
			if (r.Value == nil) == (r.Err == nil) {
				t.Errorf("call %d of %x has value %x and error %x", i, b, r.Value, r.Err)
			}
		}
	})
}

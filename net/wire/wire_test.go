package wire

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"supercluster/vm/value"
)

var update = flag.Bool("update", false, "add the golden bytes of new kinds to testdata/golden.txt")

var (
	taskID = TaskID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	hash   = [32]byte{31: 0xff}
)

// samples holds a message of each kind, with no field zero.
var samples = []Message{
	&Hello{ProtoMin: 1, ProtoMax: 300, Version: "v1.2.3", Node: Node{
		ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Role: "worker", Boot: math.MaxUint64, Cluster: "default", Addr: "10.0.0.7:4000",
		Slots: 8, Available: true, Data: []byte(`{"gpu":true}`), Host: []byte(`{"cpus":8}`), Pid: 70000,
	}},
	&Ping{Time: 1 << 40},
	&Pong{Time: -1},
	&Bye{Code: ByeRefused, Reason: "not you", Bulk: 3},
	&Task{ID: taskID, Attempt: 2, Name: "sum", Hash: hash, Code: []byte("code"), Args: []byte{0x92, 1, 2}, Each: true,
		TimeoutMillis: 30000, Priority: -5},
	&NeedCode{ID: taskID, Attempt: 2, Hash: hash},
	&Received{ID: taskID, Attempt: 2},
	&Started{ID: taskID, Attempt: 2},
	&Result{ID: taskID, Attempt: 2, Value: []byte{3}, Err: []byte{0xc0}, RunMicros: 1234},
	&Ack{ID: taskID, Attempt: 2},
	&Refused{ID: taskID, Attempt: 2, Err: []byte{0xc0}},
	&Cancel{ID: taskID, Attempt: 2, Reason: "no longer needed"},
	&Log{ID: taskID, Attempt: 2, Stream: "stdout", Text: "zwölf\n"},
	&Progress{ID: taskID, Attempt: 2, Fraction: 0.5},
	&Event{Seq: 9, Name: "greet", Data: []byte{0xa2, 'h', 'i'}, TaskID: taskID},
	&Status{Available: true, Slots: 8, Running: 3, Queued: 1},
	&NeedBlob{Hash: hash},
	&Blob{Hash: hash, Data: []byte{0xa1, 'x'}},
	&Task{ID: taskID, Attempt: 1, Name: "fit", Hash: hash, Args: []byte{0x90}, Priority: 1,
		Needs: []Need{{"gpu", 1}, {"memory", 1.5e9}}, Blobs: [][32]byte{hash, {1}}},
	&Event{Seq: 10, Name: "a.b", Data: []byte{0xc0}, Bus: true},
	&Task{ID: taskID, Attempt: 1, Name: "build", Hash: hash, CodeKind: CodePackage},
	&Phase{ID: taskID, Attempt: 1, Name: "install"},
	&Status{Available: false, Slots: 8, Running: 3, Draining: true},
	&Ask{Seq: 7, What: "tasks", Params: []byte(`{"prefix":"9f"}`)},
	&Revoked{List: []byte{1, 2}},
	&Answer{Seq: 7, More: true, Code: "ERR_X", Text: "why", Data: []byte(`[1]`)},
	&Task{ID: taskID, Attempt: 1, Name: "fast", Hash: hash, Engine: EngineNode},
	&Result{ID: taskID, Attempt: 1, Value: []byte{3}, RunMicros: 5, Engine: "node: as its master asked"},
}

// decode reads a frame and decodes it.
func decode(frame []byte) (Message, error) {
	kind, body, err := ReadFrame(bytes.NewReader(frame), MaxBulk)
	if err != nil {
		return nil, err
	}
	return Decode(kind, body)
}

// rawFrame returns a frame with any body.
func rawFrame(kind Kind, body []byte) []byte {
	n := len(body)
	return append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), byte(kind)}, body...)
}

func TestRoundTrip(t *testing.T) {
	seen := map[Kind]bool{}
	for _, m := range samples {
		seen[m.Kind()] = true
		b := Append([]byte("before"), m)
		if !bytes.HasPrefix(b, []byte("before")) {
			t.Errorf("Append(%v) changed what was there", m.Kind())
		}
		b = b[len("before"):]
		if n := Size(m); n < len(b) || n > len(b)+2*overhead {
			t.Errorf("Size(%v) = %d, the frame has %d", m.Kind(), n, len(b))
		}
		got, err := decode(b)
		if err != nil {
			t.Errorf("decode %v: %v", m.Kind(), err)
		} else if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("%v changed on the way (-sent +received):\n%s", m.Kind(), diff)
		}
	}
	for k := range Kind(255) {
		if known := newMessage(k) != nil; known != seen[k] {
			t.Errorf("%v: known is %v, in samples is %v", k, known, seen[k])
		} else if known && newMessage(k).Kind() != k {
			t.Errorf("newMessage(%v) is of kind %v", k, newMessage(k).Kind())
		}
	}
}

func TestEncoder(t *testing.T) {
	e := NewEncoder()
	for range 2 {
		var want []byte
		for _, m := range samples {
			e.Append(m)
			want = Append(want, m)
		}
		if !bytes.Equal(e.Bytes(), want) || e.Len() != len(want) {
			t.Error("an Encoder's frames are not those of Append")
		}
		e.Reset(cap(e.Bytes()))
	}
	if e.Reset(10); e.Len() != 0 || cap(e.Bytes()) > 10 {
		t.Errorf("%d of %d bytes kept after Reset", e.Len(), cap(e.Bytes()))
	}
}

func TestZeroMessages(t *testing.T) {
	for _, m := range samples {
		zero := newMessage(m.Kind())
		got, err := decode(Append(nil, zero))
		if err != nil {
			t.Errorf("decode a zero %v: %v", m.Kind(), err)
		} else if diff := cmp.Diff(newMessage(m.Kind()), got); diff != "" {
			t.Errorf("a zero %v changed on the way (-sent +received):\n%s", m.Kind(), diff)
		}
	}
}

// TestGolden holds that the bytes of a message never change: older and newer programs read them.
func TestGolden(t *testing.T) {
	const file = "testdata/golden.txt"
	var b strings.Builder
	for _, m := range samples {
		fmt.Fprintf(&b, "%v %x\n", m.Kind(), Append(nil, m))
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("bytes changed (-%s +now):\n%s", file, diff)
	}
	i := 0
	for line := range strings.Lines(string(golden)) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(raw); err != nil || i >= len(samples) || !cmp.Equal(samples[i], got) {
			t.Errorf("line %d gives %+v, %v", i+1, got, err)
		}
		i++
	}
}

// body writes a body by hand.
func body(write func(w *value.Writer)) []byte {
	w := value.NewWriter(nil)
	write(w)
	return w.Bytes()
}

func TestOtherVersions(t *testing.T) {
	tests := []struct {
		name string
		kind Kind
		body []byte
		want Message
	}{
		{"no fields at all", KindCancel, []byte{0x90}, &Cancel{}},
		{"fields missing at the end", KindStatus, body(func(w *value.Writer) { w.ArrayLen(2); w.Bool(true); w.Int(4) }), &Status{Available: true, Slots: 4}},
		{"fields that we do not know", KindPing, body(func(w *value.Writer) {
			w.ArrayLen(5)
			w.Int(7)
			w.Bin(nil)
			w.MapLen(1)
			w.Str("k")
			w.ArrayLen(2)
			w.Nil()
			w.Ext(99, []byte("?"))
			w.Float(1)
			w.Str("end")
		}), &Ping{Time: 7}},
	}
	for _, tt := range tests {
		got, err := Decode(tt.kind, tt.body)
		if err != nil || !cmp.Equal(tt.want, got) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	future := body(func(w *value.Writer) {
		w.ArrayLen(5)
		w.Int(1)
		w.Int(2)
		w.Str("v")
		(&Node{ID: "x", Pid: 3}).encode(w)
		w.Str("new")
	})
	future[5] = 0x9b // the node has an eleventh field
	future = append(future[:len(future)-4:len(future)-4], append([]byte{0xa1, 'n'}, future[len(future)-4:]...)...)
	got, err := Decode(KindHello, future)
	if want := (&Hello{ProtoMin: 1, ProtoMax: 2, Version: "v", Node: Node{ID: "x", Pid: 3}}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("hello of a later version: %+v, %v; want %+v", got, err, want)
	}
	if m, err := Decode(200, []byte{0xc0}); m != nil || !errors.Is(err, ErrKind) {
		t.Errorf("Decode of kind 200 = %v, %v; want %v", m, err, ErrKind)
	}
}

func TestRefused(t *testing.T) {
	task := func(write func(w *value.Writer)) []byte {
		return body(func(w *value.Writer) { w.ArrayLen(1); write(w) })
	}
	tests := []struct {
		name string
		kind Kind
		body []byte
	}{
		{"empty body", KindPing, nil},
		{"no array", KindPing, []byte{0xc0}},
		{"array of 4 billion in 5 bytes", KindPing, []byte{0xdd, 0xff, 0xff, 0xff, 0xff}},
		{"map of 4 billion in 5 bytes", KindPing, []byte{0xdf, 0xff, 0xff, 0xff, 0xff}},
		{"bin of 4 billion", KindEvent, []byte{0x93, 1, 0xa0, 0xc6, 0xff, 0xff, 0xff, 0xff}},
		{"string of 4 billion", KindEvent, []byte{0x92, 1, 0xdb, 0xff, 0xff, 0xff, 0xff}},
		{"4 MiB of nested arrays", KindPing, bytes.Repeat([]byte{0x91}, 4<<20)},
		{"nested arrays where we skip", KindPing, append([]byte{0x93, 1, 2}, bytes.Repeat([]byte{0x91}, 1<<20)...)},
		{"nested arrays of a million", KindPing, append([]byte{0x92, 1}, bytes.Repeat([]byte{0xdd, 0, 0x10, 0, 0}, 100)...)},
		{"bytes after the end", KindPing, []byte{0x91, 1, 1}},
		{"wrong type", KindPing, []byte{0x91, 0xa1, 'x'}},
		{"short task id", KindReceived, task(func(w *value.Writer) { w.Bin(make([]byte, 15)) })},
		{"long task id", KindReceived, task(func(w *value.Writer) { w.Bin(make([]byte, 17)) })},
		{"attempt over 32 bits", KindReceived, body(func(w *value.Writer) { w.ArrayLen(2); w.Bin(nil); w.Uint(1 << 32) })},
		{"negative attempt", KindReceived, body(func(w *value.Writer) { w.ArrayLen(2); w.Bin(nil); w.Int(-1) })},
		{"slots over 31 bits", KindStatus, body(func(w *value.Writer) { w.ArrayLen(2); w.Bool(true); w.Uint(1 << 31) })},
		{"name that is not UTF-8", KindEvent, []byte{0x92, 1, 0xa1, 0xff}},
		{"data that is not JSON", KindHello, Append(nil, &Hello{Node: Node{Data: []byte("{")}})[HeaderLen:]},
		{"version over 16 bits", KindHello, []byte{0x91, 0xce, 0, 1, 0, 0}},
	}
	for _, tt := range tests {
		m, err := Decode(tt.kind, tt.body)
		if m != nil || !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v; want %v", tt.name, m, err, ErrMalformed)
		}
		if n := testing.AllocsPerRun(10, func() { _, _ = Decode(tt.kind, tt.body) }); n > 40 {
			t.Errorf("%s: refused after %v allocations", tt.name, n)
		}
	}
}

// TestRefusedCheaply holds that what a frame claims costs nothing: neither memory nor time.
func TestRefusedCheaply(t *testing.T) {
	for name, body := range map[string][]byte{
		"5 byte bomb":  {0xdd, 0xff, 0xff, 0xff, 0xff},
		"nesting bomb": bytes.Repeat([]byte{0x91}, 4<<20),
	} {
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Decode(KindTask, body)
			}
		})
		if r.NsPerOp() > 1e6 || r.AllocedBytesPerOp() > 8<<10 {
			t.Errorf("%s: %v, %s", name, r, r.MemString())
		}
	}
}

func TestMending(t *testing.T) {
	got, err := decode(Append(nil, &Log{Text: "a\xffb"}))
	if want := (&Log{Text: "a\uFFFDb"}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("text that is not UTF-8 came as %+v, %v; want %+v", got, err, want)
	}
	got, err = decode(Append(nil, &Status{Slots: -1, Running: math.MaxInt}))
	if want := (&Status{Running: math.MaxInt32}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("counts out of range came as %+v, %v; want %+v", got, err, want)
	}
	got, err = decode(Append(nil, &Task{Priority: math.MinInt}))
	if want := (&Task{Priority: math.MinInt32}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("priority out of range came as %+v, %v; want %+v", got, err, want)
	}
}

func TestReadFrame(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), 100_000)
	tests := []struct {
		name string
		in   []byte
		max  int
		want []byte
		err  error
	}{
		{"empty body", rawFrame(7, nil), 0, []byte{}, nil},
		{"small body", rawFrame(7, []byte("abc")), 3, []byte("abc"), nil},
		{"large body", rawFrame(7, long), len(long), long, nil},
		{"two frames", append(rawFrame(7, []byte("abc")), rawFrame(8, nil)...), 10, []byte("abc"), nil},
		{"one byte over", rawFrame(7, []byte("abcd")), 3, nil, ErrTooLong},
		{"4 GiB claimed", []byte{0xff, 0xff, 0xff, 0xff, 7}, MaxBulk, nil, ErrTooLong},
		{"256 MiB claimed, 3 bytes there", append([]byte{0x10, 0, 0, 0, 7}, "abc"...), MaxBulk, nil, io.ErrUnexpectedEOF},
		{"nothing", nil, 10, nil, io.EOF},
		{"half a header", []byte{0, 0, 0}, 10, nil, io.ErrUnexpectedEOF},
		{"half a body", rawFrame(7, []byte("abc"))[:7], 10, nil, io.ErrUnexpectedEOF},
		{"header alone", rawFrame(7, []byte("abc"))[:5], 10, nil, io.ErrUnexpectedEOF},
	}
	readers := map[string]func(b []byte) io.Reader{
		"plain":       func(b []byte) io.Reader { return bytes.NewReader(b) },
		"buffered":    func(b []byte) io.Reader { return bufio.NewReader(bytes.NewReader(b)) },
		"byte a time": func(b []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) },
	}
	for _, tt := range tests {
		for name, reader := range readers {
			kind, got, err := ReadFrame(reader(tt.in), tt.max)
			if !errors.Is(err, tt.err) || !bytes.Equal(got, tt.want) || (err == nil && kind != 7) {
				t.Errorf("%s, %s: %v, %d bytes, %v; want %d bytes, %v", tt.name, name, kind, len(got), err, len(tt.want), tt.err)
			}
		}
	}
}

// TestReadFrameGrows holds that a frame which claims much and holds little costs little.
func TestReadFrameGrows(t *testing.T) {
	in := append([]byte{0x0f, 0xff, 0xff, 0xff, 7}, make([]byte, 1000)...)
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _, _ = ReadFrame(bytes.NewReader(in), MaxBulk)
		}
	})
	if r.AllocedBytesPerOp() > 2*firstRead {
		t.Errorf("a frame that claims 256 MiB and holds 1 kB takes %d bytes", r.AllocedBytesPerOp())
	}
}

func TestNegotiate(t *testing.T) {
	tests := []struct {
		name                           string
		ourMin, ourMax, theMin, theMax uint16
		want                           uint16
	}{
		{"same", 1, 1, 1, 1, 1},
		{"they are newer but speak ours", 1, 2, 1, 5, 2},
		{"we are newer but speak theirs", 3, 9, 1, 4, 4},
		{"they are too new", 1, 2, 3, 4, 0},
		{"they are too old", 3, 4, 1, 2, 0},
		{"they make no sense", 1, 4, 3, 2, 0},
	}
	for _, tt := range tests {
		ours, theirs := &Hello{ProtoMin: tt.ourMin, ProtoMax: tt.ourMax}, &Hello{ProtoMin: tt.theMin, ProtoMax: tt.theMax, Version: "v7"}
		got, err := Negotiate(ours, theirs)
		if got != tt.want || (tt.want == 0) != errors.Is(err, ErrVersion) {
			t.Errorf("%s: %d, %v; want %d", tt.name, got, err, tt.want)
		}
		if mirrored, _ := Negotiate(theirs, ours); mirrored != got {
			t.Errorf("%s: the other side gets %d, we %d", tt.name, mirrored, got)
		}
	}
	_, err := Negotiate(&Hello{ProtoMin: 1, ProtoMax: 2}, &Hello{ProtoMin: 3, ProtoMax: 4, Version: "v7"})
	want := `no protocol version in common: ours 1 to 2, theirs 3 to 4 (version "v7"); this program is older and needs an update`
	if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestTaskID(t *testing.T) {
	if a, b := NewTaskID(), NewTaskID(); a == b || a.IsZero() {
		t.Error("NewTaskID is not random")
	}
	got, err := ParseTaskID(taskID.String())
	if err != nil || got != taskID {
		t.Errorf("ParseTaskID(%s) = %v, %v", taskID, got, err)
	}
	for _, s := range []string{"", "00", strings.Repeat("g", 32), strings.Repeat("A", 32), strings.Repeat("0", 34)} {
		if _, err := ParseTaskID(s); err == nil {
			t.Errorf("ParseTaskID(%q) accepted it", s)
		}
	}
}

func TestRemoteError(t *testing.T) {
	for want, e := range map[string]RemoteError{
		"ERR_X: no":     {Code: "ERR_X", Name: "Error", Message: "no"},
		"TypeError: no": {Name: "TypeError", Message: "no"},
		"no":            {Message: "no"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("Error() = %q, want %q", got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range samples {
		f.Add(byte(m.Kind()), Append(nil, m)[HeaderLen:])
	}
	f.Add(byte(KindTask), []byte{0xdd, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		m, err := Decode(Kind(kind), body)
		if err != nil {
			return
		}
		again, err := decode(Append(nil, m))
		if err != nil {
			t.Fatalf("%+v does not survive: %v", m, err)
		}
		if diff := cmp.Diff(m, again, cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })); diff != "" {
			t.Fatalf("changed on the way: %s", diff)
		}
	})
}

func FuzzHello(f *testing.F) {
	for _, m := range samples[:1] {
		f.Add(Append(nil, m))
	}
	f.Add(Append(nil, &Hello{}))
	ours := &Hello{ProtoMin: 3, ProtoMax: 7}
	f.Fuzz(func(t *testing.T, in []byte) {
		kind, body, err := ReadFrame(bytes.NewReader(in), MaxHello)
		if err != nil || kind != KindHello {
			return
		}
		m, err := Decode(kind, body)
		if err != nil {
			return
		}
		theirs := m.(*Hello)
		proto, err := Negotiate(ours, theirs)
		mirrored, err2 := Negotiate(theirs, ours)
		if proto != mirrored || (err == nil) != (err2 == nil) {
			t.Fatalf("%d, %v here; %d, %v there", proto, err, mirrored, err2)
		}
		if err == nil && (proto < 3 || proto > 7 || proto < theirs.ProtoMin || proto > theirs.ProtoMax) {
			t.Fatalf("agreed on %d with %d to %d", proto, theirs.ProtoMin, theirs.ProtoMax)
		}
	})
}

func FuzzReadFrame(f *testing.F) {
	for _, m := range samples {
		f.Add(Append(nil, m))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		kind, body, err := ReadFrame(bytes.NewReader(in), MaxSmall)
		kind2, body2, err2 := ReadFrame(bufio.NewReader(bytes.NewReader(in)), MaxSmall)
		if kind != kind2 || !bytes.Equal(body, body2) || (err == nil) != (err2 == nil) {
			t.Fatalf("%v %x %v, buffered %v %x %v", kind, body, err, kind2, body2, err2)
		}
		if err == nil && !bytes.Equal(rawFrame(kind, body), in[:HeaderLen+len(body)]) {
			t.Fatalf("read %v %x", kind, body)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, m := range []Message{samples[4], samples[8], samples[9]} {
		b.Run(m.Kind().String(), func(b *testing.B) {
			b.ReportAllocs()
			e := NewEncoder()
			for b.Loop() {
				e.Append(m)
				e.Reset(1 << 10)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range []Message{samples[4], samples[8], samples[9]} {
		b.Run(m.Kind().String(), func(b *testing.B) {
			b.ReportAllocs()
			body := Append(nil, m)[HeaderLen:]
			for b.Loop() {
				if _, err := Decode(m.Kind(), body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

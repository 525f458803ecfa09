package executor

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"supercluster/vm"
)

var reports = []report{
	{kind: kindLog, run: 1, name: "stdout", text: "hello\n"},
	{kind: kindProgress, run: 2, fraction: 0.5},
	{kind: kindEvent, run: 3, name: "half", data: []byte{1, 2}},
	{kind: kindAlarm, run: 4, used: 1 << 40},
	{kind: kindResult, run: 5, stopped: true, Result: vm.Result{Value: []byte{0xc0}, Run: 7, Busy: 3}},
	{kind: kindResult, run: 1 << 60, retire: true, Result: vm.Result{Err: []byte("wrong")}},
	{kind: kindPost, run: 6, to: vm.ToWorkers, text: "null", name: "half", data: []byte{1}},
}

func sampleTask(reuse bool) *task {
	return &task{run: 9, slot: 3, reuse: reuse, Task: vm.Task{ID: "i", Name: "n", Code: []byte("code"), Args: []byte("args"),
		Hash: [32]byte{31: 1}, Each: true, WorkerID: "w", WorkerData: []byte("{}"), Memory: 1 << 20, CPU: time.Second}}
}

// wholeTask is the frame of t with its payload.
func wholeTask(t *task) []byte {
	b := appendTask(nil, t)
	if !t.reuse {
		b = append(b, t.Code...)
	}
	return append(b, t.Args...)
}

// TestGolden holds the bytes of each frame: both ends are one binary, so this guards against accidents only.
func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name string
		got  []byte
		want string
	}{
		{"setup", appendSetup(nil, setup{memory: 1 << 29, stack: 1 << 20, procs: 2}), "0000000d01ce200000000000ce0010000002"},
		{"ready", appendReady(nil, []string{"a"}), "000000030291a161"},
		{"stop", appendStop(nil, 9, "why"), "000000050409a3776879"},
		{"log", appendReport(nil, &reports[0]), "0000000f0501a67374646f7574a668656c6c6f0a"},
		{"progress", appendReport(nil, &reports[1]), "0000000a0602cb3fe0000000000000"},
		{"event", appendReport(nil, &reports[2]), "0000000a0703a468616c66c4020102"},
		{"alarm", appendReport(nil, &reports[3]), "0000000b0804cf0000010000000000c2"},
		{"post", appendReport(nil, &reports[6]), "0000000f0a0601a46e756c6ca468616c66c40101"},
		{"posted", appendPosted(nil, 6, &vm.PostError{Code: "c", Message: "m"}), "000000050b06a163a16d"},
		{"result", append(appendReport(nil, &reports[4]), reports[4].Value...), "000000080905c3c20703c201c0"},
	} {
		if got := hex.EncodeToString(tt.got); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestPostedRoundTrip: the answer to a post arrives as it was given.
func TestPostedRoundTrip(t *testing.T) {
	for _, want := range []error{nil, &vm.PostError{Code: "ERR_NO_WORKER", Message: "nobody"}, &vm.PostError{Message: "no code"}} {
		_, body, _, err := newFrames(bytes.NewReader(appendPosted(nil, 7, want)), true).next()
		if err != nil {
			t.Fatal(err)
		}
		run, got, err := parsePosted(body)
		if run != 7 || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("posted(7, %v) gives %d, %v, %v", want, run, got, err)
		}
	}
}

func TestReportsRoundTrip(t *testing.T) {
	var stream []byte
	for i := range reports {
		stream = append(appendReport(stream, &reports[i]), reports[i].payload()...)
	}
	for _, r := range []io.Reader{bytes.NewReader(stream), iotest.OneByteReader(bytes.NewReader(stream))} {
		in := newFrames(r, false)
		for _, want := range reports {
			k, body, _, err := in.next()
			if err != nil {
				t.Fatal(err)
			}
			got, err := parseReport(k, body)
			if !reflect.DeepEqual(got, want) || err != nil {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		}
		if _, _, _, err := in.next(); err != io.EOF {
			t.Errorf("at the end: %v, want EOF", err)
		}
	}
}

func TestTaskRoundTrip(t *testing.T) {
	for _, reuse := range []bool{false, true} {
		want := sampleTask(reuse)
		got, err := parseTask(wholeTask(want)[headerSize:])
		if err != nil {
			t.Fatal(err)
		}
		if reuse {
			want.Code = []byte{}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(task{})); diff != "" {
			t.Errorf("reuse %v: %s", reuse, diff)
		}
	}
}

func TestNextRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   string // hex
		want string
	}{
		{"kind zero", "0000000100ff", "kind 0"},
		{"unknown kind", "00000001c8ff", "kind 200"},
		{"a ready with 64 KiB and one byte", "0001000102", "65537 bytes"},
		{"4 GiB", "ffffffff09", "4294967295 bytes"},
		{"half a header", "000000", "unexpected EOF"},
		{"half a body", "000000020201", "unexpected EOF"},
		{"half a long body", "0010000009" + strings.Repeat("00", 40000), "unexpected EOF"},
	} {
		b, _ := hex.DecodeString(tt.in)
		if _, _, _, err := newFrames(bytes.NewReader(b), false).next(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestClaimedLength checks that a claim of 256 MiB costs no more than a step beyond what came.
func TestClaimedLength(t *testing.T) {
	head := []byte{0x0f, 0xff, 0, 0, byte(kindResult)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, _, err := newFrames(bytes.NewReader(append(head, make([]byte, 100_000)...)), false).next()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes allocated for 100000 that came, %v", n, err)
	}
}

// FuzzFrames feeds both ends' parsers: no input may panic, and what parses must survive being written again.
func FuzzFrames(f *testing.F) {
	for i := range reports {
		f.Add(append(appendReport(nil, &reports[i]), reports[i].payload()...))
	}
	f.Add(wholeTask(sampleTask(false)))
	f.Add(wholeTask(sampleTask(true)))
	f.Add(appendSetup(nil, setup{1, 2, 3, 4, 5}))
	f.Add(append(appendReady(nil, []string{"a"}), appendStop(nil, 1, "x")...))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := newFrames(bytes.NewReader(b), false)
		for {
			k, body, _, err := in.next()
			if err != nil {
				return
			}
			switch k {
			case kindSetup:
				_, _ = parseSetup(body)
			case kindStop:
				_, _, _ = parseStop(body)
			case kindTask:
				if got, err := parseTask(body); err == nil {
					again, err := parseTask(wholeTask(got)[headerSize:])
					if diff := cmp.Diff(got, again, cmp.AllowUnexported(task{})); diff != "" || err != nil {
						t.Errorf("written again: %v %s", err, diff)
					}
				}
			default:
				if got, err := parseReport(k, body); err == nil {
					again, err := parseReport(k, append(appendReport(nil, &got), got.payload()...)[headerSize:])
					if got.fraction == got.fraction && !reflect.DeepEqual(got, again) || err != nil {
						t.Errorf("written again: %+v, %v, want %+v", again, err, got)
					}
				}
			}
		}
	})
}

// serveBytes lets a server with the fake runner read b, and returns how it ended and what it wrote.
func serveBytes(b []byte) (wrote []byte, err error) {
	ours, theirs := net.Pipe()
	var g sync.WaitGroup
	g.Go(func() { wrote, _ = io.ReadAll(ours) })
	g.Go(func() { ours.Write(b) })
	c := newServer(theirs, fake{}, setup{memory: 1 << 40, result: maxResult})
	err = c.serve(context.Background(), theirs, newFrames(theirs, true))
	theirs.Close()
	g.Wait()
	return wrote, err
}

func TestServerRefuses(t *testing.T) {
	waiting := sampleTask(false)
	waiting.Name = "wait"
	slot := sampleTask(false)
	slot.slot = codeSlots
	for _, tt := range []struct {
		name string
		in   []byte
		want string
	}{
		{"a frame of its own", appendReady(nil, []string{"a"}), "frame of kind 2"},
		{"a second task", append(wholeTask(waiting), wholeTask(waiting)...), "task 9 while 9 runs"},
		{"a slot that is none", wholeTask(slot), "code slot 64 of 64"},
		{"a task cut short", append([]byte{0, 0, 0, 1, byte(kindTask)}, 0), "executor: "},
		{"garbage", []byte("GET / HTTP/1.1\r\n"), "frame of kind"},
	} {
		if _, err := serveBytes(tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

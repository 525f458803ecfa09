package grant

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"supercluster/vm/value"
)

// TestMain is also the program that tests run: its first argument says what it does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(programMain(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

// open returns a session of a worker with those permissions, until the test ends.
func open(t testing.TB, p Permissions) *Session {
	t.Helper()
	b, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	s := b.Open()
	t.Cleanup(func() { s.Close(); b.Close() })
	return s
}

// ask carries out a request and returns what came of it: a result, or an error as "code: message".
func (s *Session) ask(t testing.TB, op string, args ...any) (any, string) {
	t.Helper()
	w := value.NewWriter(nil)
	w.ArrayLen(1 + len(args))
	w.Str(op)
	for _, v := range args {
		if f, ok := v.(float64); ok {
			w.Float(f)
			continue
		}
		writeAny(w, v)
	}
	r := value.NewReader(s.Ask(context.Background(), bytes.Clone(w.Bytes())), value.Limits{})
	r.ArrayLen()
	if r.Bool() {
		v := readAny(r)
		if err := r.End(); err != nil {
			t.Fatalf("answer to %s: %v", op, err)
		}
		return v, ""
	}
	message, code := r.Str(), ""
	for n := r.ArrayLen(); n >= 2; n -= 2 {
		name, v := r.Str(), readAny(r)
		if name == "code" {
			code = v.(string)
		}
	}
	if strings.HasPrefix(message, code+": ") { // as node words the errors of the system
		return nil, message
	}
	return nil, code + ": " + message
}

// must is ask for what has to succeed.
func (s *Session) must(t testing.TB, op string, args ...any) any {
	t.Helper()
	v, fault := s.ask(t, op, args...)
	if fault != "" {
		t.Fatalf("%s(%v): %s", op, args, fault)
	}
	return v
}

// want checks that a request fails with that "code: message".
func (s *Session) want(t testing.TB, want, op string, args ...any) {
	t.Helper()
	if v, fault := s.ask(t, op, args...); fault != want {
		t.Errorf("%s(%v) = %v, %q, want %q", op, args, v, fault, want)
	}
}

func list(items ...string) List { return List{Items: items} }

var everything = List{All: true}

// deniedText is the error of a refusal.
func deniedText(kind, target, flag string) string {
	return fmt.Sprintf("ERR_ACCESS_DENIED: Requires %s access to %q: start the worker with %s", kind, target, flag)
}

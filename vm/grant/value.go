package grant

import (
	"errors"
	"fmt"

	"supercluster/pkg/errno"
	"supercluster/vm/value"
)

// A request is an array: the name of an operation, then its arguments. An answer is [true, result], or
// [false, message, {code, errno, …}].

// maxRequest is the length of a request in bytes; longer ones are refused.
const maxRequest = 128 << 10

// arguments are those of a request, as Go values: nil, bool, float64, string, []byte, []any.
type arguments []any

// parseRequest reads a request of a task, who may lie.
func parseRequest(b []byte) (op string, args arguments, err error) {
	if len(b) > maxRequest {
		return "", nil, fmt.Errorf("request of %d bytes, limit %d", len(b), maxRequest)
	}
	r := value.NewReader(b, value.Limits{MaxDepth: 4, MaxNodes: 10000})
	n := r.ArrayLen()
	op = r.Str()
	for range n - 1 {
		args = append(args, readAny(r))
		if r.Err() != nil {
			break
		}
	}
	return op, args, r.End()
}

func readAny(r *value.Reader) any {
	switch r.Type() {
	case value.Nil:
		r.Nil()
		return nil
	case value.Bool:
		return r.Bool()
	case value.Int, value.Uint, value.Float:
		return r.Number()
	case value.Str:
		return r.Str()
	case value.Bin:
		return r.Bin()
	case value.Array:
		list := []any{}
		for range r.ArrayLen() {
			list = append(list, readAny(r))
			if r.Err() != nil {
				break
			}
		}
		return list
	}
	r.Fail("no plain value")
	return nil
}

func (a arguments) at(i int) any {
	if i < len(a) {
		return a[i]
	}
	return nil
}

func (a arguments) str(i int) string {
	s, _ := a.at(i).(string)
	return s
}

func (a arguments) float(i int) float64 {
	f, _ := a.at(i).(float64)
	return f
}

func (a arguments) num(i int) int64 { return int64(a.float(i)) }

func (a arguments) truth(i int) bool {
	b, _ := a.at(i).(bool)
	return b
}

func (a arguments) bytes(i int) []byte {
	b, _ := a.at(i).([]byte)
	return b
}

// list are the strings of an array.
func (a arguments) list(i int) []string {
	var texts []string
	all, _ := a.at(i).([]any)
	for _, v := range all {
		s, _ := v.(string)
		texts = append(texts, s)
	}
	return texts
}

// writeAny writes what an operation returns.
func writeAny(w *value.Writer, v any) {
	switch v := v.(type) {
	case bool:
		w.Bool(v)
	case int:
		w.Int(int64(v))
	case int64:
		w.Int(v)
	case string:
		w.Str(clean(v))
	case []byte:
		w.Bin(v)
	case []int64:
		w.ArrayLen(len(v))
		for _, n := range v {
			w.Int(n)
		}
	case []string:
		w.ArrayLen(len(v))
		for _, s := range v {
			w.Str(clean(s))
		}
	case []any:
		w.ArrayLen(len(v))
		for _, one := range v {
			writeAny(w, one)
		}
	default:
		w.Nil()
	}
}

// An opError is an error of the system in an operation on paths: none, one, or two.
type opError struct {
	err     error
	syscall string
	paths   []string
}

func (e *opError) Error() string { return e.syscall + ": " + e.err.Error() }

func (e *opError) Unwrap() error { return e.err }

// failed is err in that operation; nil if err is nil.
func failed(err error, syscall string, paths ...string) error {
	if err == nil {
		return nil
	}
	if d := (*Denied)(nil); errors.As(err, &d) {
		return d
	}
	return &opError{err, syscall, paths}
}

// answer encodes what came of a request.
func answer(result any, err error) []byte {
	w := value.NewWriter(nil)
	if err == nil {
		w.ArrayLen(2)
		w.Bool(true)
		writeAny(w, result)
		return w.Bytes()
	}
	message, props := describe(err)
	w.ArrayLen(3)
	w.Bool(false)
	w.Str(clean(message))
	w.ArrayLen(len(props))
	for _, p := range props {
		writeAny(w, p)
	}
	return w.Bytes()
}

// describe gives the message of an error as node words it, and its properties as names and values by turns.
func describe(err error) (message string, props []any) {
	var d *Denied
	var op *opError
	switch {
	case errors.As(err, &d):
		return d.Error(), []any{"code", codeDenied, "permission", d.Kind, "resource", d.Target}
	case errors.As(err, &op):
		code, number := errno.Code(op.err)
		text := errno.Text[code]
		if code == "UNKNOWN" {
			text = op.err.Error()
		}
		message = fmt.Sprintf("%s: %s, %s", code, text, op.syscall)
		props = []any{"errno", number, "code", code, "syscall", op.syscall}
		for i, path := range op.paths {
			message += []string{" '", " -> '"}[min(i, 1)] + path + "'"
			props = append(props, []string{"path", "dest"}[min(i, 1)], path)
		}
		return message, props
	}
	code := codeOutside
	if c := (*coded)(nil); errors.As(err, &c) {
		code = c.code
	}
	return err.Error(), []any{"code", code}
}

// Codes of errors in answers.
const (
	codeDenied  = "ERR_ACCESS_DENIED"
	codeOutside = "ERR_OUTSIDE" // something went wrong outside the task, and has no code of its own
)

// coded is an error that has a code of node's.
type coded struct{ code, message string }

func (e *coded) Error() string { return e.message }

package value

import (
	"slices"
	"strconv"
)

// Error is a JavaScript Error for Go code that makes or prints one without an engine. It is also a Go error.
type Error struct {
	Name    string // "" means "Error"
	Message string
	Stack   string            // in V8's form, the first line being name and message; may be ""
	Code    string            // the property code; "" means none
	Props   map[string]string // further own properties; of a decoded Error those that are strings, numbers and booleans
	Cause   *Error            // nil if there is none, or it is no Error
}

// Error returns name and message as Error.prototype.toString joins them.
func (e Error) Error() string {
	switch name := e.name(); {
	case e.Message == "":
		return name
	default:
		return name + ": " + e.Message
	}
}

func (e Error) name() string {
	if e.Name == "" {
		return "Error"
	}
	return e.Name
}

// Encode returns the error as a value, its properties sorted by name after the code.
func (e Error) Encode() []byte {
	w := NewWriter(nil)
	e.write(w)
	return w.Bytes()
}

func (e Error) write(w *Writer) {
	w.Begin(KindError, 5)
	w.Str(e.name())
	w.Str(e.Message)
	if e.Stack == "" {
		w.Nil()
	} else {
		w.Str(e.Stack)
	}
	if e.Cause == nil {
		w.MapLen(0)
	} else {
		w.MapLen(1)
		w.Str("cause")
		e.Cause.write(w)
	}
	names := make([]string, 0, len(e.Props))
	for name := range e.Props {
		if name != "code" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	n := len(names)
	if e.Code != "" {
		n++
	}
	w.MapLen(n)
	if e.Code != "" {
		w.Str("code")
		w.Str(e.Code)
	}
	for _, name := range names {
		w.Str(name)
		w.Str(e.Props[name])
	}
}

// DecodeError reads an Error back. It returns false if b is no encoded Error; what it cannot show, such as a cause
// that is no Error, it leaves out.
func DecodeError(b []byte) (Error, bool) {
	r := NewReader(b, Limits{})
	e, ok := readError(r)
	return e, ok && r.End() == nil
}

// readError recurses only into causes, which the Reader's depth bounds.
func readError(r *Reader) (e Error, ok bool) {
	if r.PeekContainer() != KindError || r.ArrayLen() != 6 {
		return e, false
	}
	r.Ext()
	e.Name, e.Message, e.Stack = text(r), text(r), text(r)
	for n := r.MapLen(); n > 0 && r.Err() == nil; n-- {
		if name := text(r); name != "cause" || r.PeekContainer() != KindError {
			r.Skip()
			continue
		}
		if cause, ok := readError(r); ok {
			e.Cause = &cause
		}
	}
	for n := r.MapLen(); n > 0 && r.Err() == nil; n-- {
		switch name, v := text(r), text(r); {
		case v == "":
		case name == "code":
			e.Code = v
		default:
			if e.Props == nil {
				e.Props = make(map[string]string)
			}
			e.Props[name] = v
		}
	}
	return e, r.Err() == nil
}

// text reads any item and returns it if a short text can show it, "" otherwise.
func text(r *Reader) string {
	switch r.Type() {
	case Str:
		return r.Str()
	case Bool:
		return strconv.FormatBool(r.Bool())
	case Int, Uint, Float:
		return strconv.FormatFloat(r.Number(), 'g', -1, 64)
	}
	if r.PeekExt() == KindString {
		_, p := r.Ext()
		return UTF16ToString(p)
	}
	r.Skip()
	return ""
}

package vm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/dop251/goja"

	"supercluster/vm/value"
)

// eachRun is what becomes of the calls of a task with Task.Each. Its result is encoded as an array of two: what the
// calls gave, in their order, with undefined for those that failed; and an array of [index, error] for these. So
// numbers travel as one block, and the usual case makes no object for an item.
type eachRun struct {
	items   []goja.Value
	rest    []goja.Value // the arguments after the item
	values  []any        // as far as there are
	errors  map[int]goja.Value
	calling bool // between the call of an item and its end
}

func newEachRun(items, rest []goja.Value) *eachRun {
	return &eachRun{items: items, rest: rest, values: make([]any, 0, len(items)), errors: make(map[int]goja.Value)}
}

// take takes the value of an item that is not the last, which needs no JavaScript.
func (e *eachRun) take(v goja.Value) bool {
	if !e.calling || len(e.values)+1 >= len(e.items) {
		return false
	}
	e.calling = false
	e.values = append(e.values, v)
	return true
}

// nextItem goes on to the next item, in a turn of its own, so that what an item leaves behind is held against itself.
func (r *taskRun) nextItem() {
	if len(r.each.values) == len(r.each.items) {
		r.finishEach()
		return
	}
	r.l.Immediate(r.callItem)
}

func (r *taskRun) callItem() {
	e := r.each
	e.calling = true
	if len(e.rest) == 0 {
		r.call(e.items[len(e.values) : len(e.values)+1 : len(e.values)+1])
		return
	}
	r.call(append([]goja.Value{e.items[len(e.values)]}, e.rest...))
}

// settleItem takes what came of the item that is under way. If none is, something that an item left behind failed
// between two calls: the last one answers for it.
func (r *taskRun) settleItem(ok bool, v goja.Value) {
	e := r.each
	if !ok {
		v = errorOf(r.l.rt, v)
	}
	if !e.calling {
		if n := len(e.values); n > 0 && !ok {
			e.values[n-1], e.errors[n-1] = goja.Undefined(), v
		}
		return
	}
	e.calling = false
	if ok {
		e.values = append(e.values, v)
	} else {
		e.errors[len(e.values)] = v
		e.values = append(e.values, goja.Undefined())
	}
	r.nextItem()
}

// finishEach ends the task with what its calls gave. Each value that cannot be sent becomes the failure of its call.
func (r *taskRun) finishEach() {
	b, err := r.encodeEach()
	if bad := (*ValueError)(nil); errors.As(err, &bad) {
		r.dropUnsendable()
		b, err = r.encodeEach()
	}
	r.finishEncoded(b, err)
}

func (r *taskRun) encodeEach() ([]byte, error) {
	rt, e := r.l.rt, r.each
	var failures []any
	if len(e.errors) > 0 {
		for i := range e.values {
			if err, failed := e.errors[i]; failed {
				failures = append(failures, rt.NewArray(i, err))
			}
		}
	}
	return Encode(rt, rt.NewArray(rt.NewArray(e.values...), rt.NewArray(failures...)), EncodeOptions{Path: "result"})
}

func (r *taskRun) dropUnsendable() {
	rt, e := r.l.rt, r.each
	for i := range e.values {
		given, failed := e.errors[i]
		if !failed {
			given = e.values[i].(goja.Value)
		}
		_, err := Encode(rt, given, EncodeOptions{Path: fmt.Sprintf("result[%d]", i)})
		if bad := (*ValueError)(nil); errors.As(err, &bad) {
			e.values[i], e.errors[i] = goja.Undefined(), newError(rt, "TypeError", bad.Error(), codeResult)
		}
	}
}

// EachResult is what became of one call of a task with Task.Each: a value, or an error as value.DecodeError reads it.
type EachResult struct {
	Value, Err []byte // encoded; one of them is nil
}

// ReadEach reads the result of a task with Task.Each without an engine. An object that several calls gave is whole in
// the first only.
func ReadEach(b []byte) ([]EachResult, error) {
	r := value.NewReader(b, value.Limits{})
	if n := r.ArrayLen(); r.Err() == nil && n != 2 {
		return nil, fmt.Errorf("result of %d parts, want 2", n)
	}
	var list []EachResult
	if r.PeekExt() == value.KindNumbers {
		list = readNumbers(r)
	} else {
		for n := r.ArrayLen(); n > 0 && r.Err() == nil; n-- {
			list = append(list, EachResult{Value: r.Raw()})
		}
	}
	for n := r.ArrayLen(); n > 0 && r.Err() == nil; n-- {
		if r.ArrayLen() != 2 {
			return nil, errors.New("a failure that is no pair")
		}
		i, err := r.Int(), r.Raw()
		if r.Err() == nil && (i < 0 || i >= int64(len(list))) {
			return nil, fmt.Errorf("failure of call %d of %d", i, len(list))
		}
		if r.Err() == nil {
			list[i] = EachResult{Err: err}
		}
	}
	return list, r.End()
}

// EachFailures counts the calls of a task with Task.Each that failed, without reading its values, and returns the error of
// the first. A result that is none counts as one without failures.
func EachFailures(b []byte) (n int, first []byte) {
	r := value.NewReader(b, value.Limits{})
	if r.ArrayLen() != 2 || r.Err() != nil {
		return 0, nil
	}
	r.Raw() // the values
	for left := r.ArrayLen(); left > 0 && r.Err() == nil; left-- {
		r.ArrayLen()
		r.Int()
		err := r.Raw()
		if n++; n == 1 {
			first = err
		}
	}
	if r.Err() != nil {
		return 0, nil
	}
	return n, first
}

// readNumbers reads a block of numbers.
func readNumbers(r *value.Reader) []EachResult {
	_, p := r.Ext()
	if len(p) == 0 {
		r.Fail("block of numbers without a form")
		return nil
	}
	width, p := int(p[0]), p[1:]
	if numberAt(p, width) == nil || len(p)%width != 0 {
		r.Fail("block of numbers of unknown form")
		return nil
	}
	list := make([]EachResult, 0, len(p)/width)
	w := value.NewWriter(make([]byte, 0, len(p)+len(p)/width))
	for ; len(p) > 0; p = p[width:] {
		begin := w.Len()
		switch n := numberAt(p, width).(type) {
		case int64:
			w.Int(n)
		case float64:
			w.Number(n)
		}
		list = append(list, EachResult{Value: w.Bytes()[begin:w.Len():w.Len()]})
	}
	return list
}

// numberAt returns the first number of a block, an int64 or a float64; nil if there is no such width.
func numberAt(p []byte, width int) any {
	switch {
	case width != value.NumberInt8 && width != value.NumberInt16 && width != value.NumberInt32 && width != value.NumberFloat64:
		return nil
	case len(p) < width:
		return int64(0) // of an empty block
	}
	switch width {
	case value.NumberInt8:
		return int64(int8(p[0]))
	case value.NumberInt16:
		return int64(int16(binary.LittleEndian.Uint16(p)))
	case value.NumberInt32:
		return int64(int32(binary.LittleEndian.Uint32(p)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(p))
}

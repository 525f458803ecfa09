package node

import (
	"math/big"
	"sync"
	"time"
	"unsafe"

	"github.com/dop251/goja"
)

// A SharedArrayBuffer is an ArrayBuffer of goja's whose prototype is another and whose memory may be that of others in
// other threads. Plain reads and writes of it are not ordered between threads, as ECMA-262 has it; those of Atomics hold
// one lock, and pass over the memory in one step each.

// waiters are the threads that wait in Atomics.wait, by the address that they wait at.
type waiters struct {
	mu   sync.Mutex
	list map[*byte][]chan struct{}
}

func (n *Node) isShared(o *goja.Object) bool {
	if n.sharedProto == nil || o.ExportType() != typeArrayBuffer {
		return false
	}
	for p := o.Prototype(); p != nil; p = p.Prototype() {
		if p == n.sharedProto {
			return true
		}
	}
	return false
}

// memoryObject is the ArrayBuffer or SharedArrayBuffer of m in this thread.
func (n *Node) memoryObject(m *memory) (*goja.Object, error) {
	o := n.rt.ToValue(n.rt.NewArrayBuffer(m.bytes)).ToObject(n.rt)
	if !m.shared {
		return o, nil
	}
	if _, err := n.load("shared_memory"); err != nil {
		return nil, err
	}
	return o, o.SetPrototype(n.sharedProto)
}

// sharedBinding serves js/shared_memory.js.
func (n *Node) sharedBinding() *goja.Object {
	return n.object(map[string]any{
		// setPrototype(object) says what SharedArrayBuffers inherit from.
		"setPrototype": func(call goja.FunctionCall) goja.Value {
			n.sharedProto = call.Argument(0).ToObject(n.rt)
			return goja.Undefined()
		},
		// make(bytes) → memory as an ArrayBuffer, on a boundary of 8 bytes
		"make": func(call goja.FunctionCall) goja.Value {
			size := call.Argument(0).ToInteger()
			words := make([]uint64, (size+7)/8+1)
			b := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)[:size:size]
			return n.rt.ToValue(n.rt.NewArrayBuffer(b))
		},
		"isShared": func(call goja.FunctionCall) goja.Value {
			o, ok := call.Argument(0).(*goja.Object)
			return n.rt.ToValue(ok && n.isShared(o))
		},
		// change(buffer, offset, size, signed, op, value[, other]) → what was there before
		"change": n.changeShared,
		"wait":   n.waitShared,
		"notify": n.notifyShared,
	})
}

func sharedBytes(v goja.Value) []byte {
	b, _ := v.Export().(goja.ArrayBuffer)
	return b.Bytes()
}

// integer reads and writes the element of size bytes at b[0].
func readInteger(b []byte, size int) uint64 {
	p := unsafe.Pointer(&b[0])
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

func writeInteger(b []byte, size int, v uint64) {
	p := unsafe.Pointer(&b[0])
	switch size {
	case 1:
		b[0] = byte(v)
	case 2:
		*(*uint16)(p) = uint16(v)
	case 4:
		*(*uint32)(p) = uint32(v)
	default:
		*(*uint64)(p) = v
	}
}

// bitsOf are the low 64 bits of a number or BigInt.
func bitsOf(v goja.Value) uint64 {
	if b, ok := v.Export().(*big.Int); ok {
		low := new(big.Int).And(b, new(big.Int).SetUint64(1<<64-1))
		return low.Uint64()
	}
	return uint64(v.ToInteger())
}

// element makes the value of an element again.
func (n *Node) element(v uint64, size int, signed bool) goja.Value {
	if size == 8 {
		b := new(big.Int).SetUint64(v)
		if signed {
			b.SetInt64(int64(v))
		}
		return n.rt.ToValue(b)
	}
	if shift := 64 - 8*size; signed {
		return n.rt.ToValue(int64(v<<shift) >> shift)
	}
	return n.rt.ToValue(int64(v))
}

// changeShared(buffer, offset, size, signed, op, value, other) is every operation of Atomics but wait and notify. It
// returns what was there before.
func (n *Node) changeShared(call goja.FunctionCall) goja.Value {
	size := int(call.Argument(2).ToInteger())
	b := sharedBytes(call.Argument(0))[call.Argument(1).ToInteger():]
	op, value, other := call.Argument(4).String(), bitsOf(call.Argument(5)), bitsOf(call.Argument(6))
	w := &n.cfg.Threads.waiters
	w.mu.Lock()
	defer w.mu.Unlock()
	old := readInteger(b, size)
	mask := ^uint64(0) >> (64 - 8*size)
	switch op {
	case "add":
		writeInteger(b, size, old+value)
	case "sub":
		writeInteger(b, size, old-value)
	case "and":
		writeInteger(b, size, old&value)
	case "or":
		writeInteger(b, size, old|value)
	case "xor":
		writeInteger(b, size, old^value)
	case "exchange", "store":
		writeInteger(b, size, value)
	case "compareExchange":
		if old == value&mask {
			writeInteger(b, size, other)
		}
	}
	return n.element(old, size, call.Argument(3).ToBoolean())
}

// waitShared(buffer, offset, size, value, milliseconds) → "ok", "not-equal" or "timed-out"; it blocks the thread.
func (n *Node) waitShared(call goja.FunctionCall) goja.Value {
	size := int(call.Argument(2).ToInteger())
	b := sharedBytes(call.Argument(0))[call.Argument(1).ToInteger():]
	mask := ^uint64(0) >> (64 - 8*size)
	woken := make(chan struct{})
	w := &n.cfg.Threads.waiters
	w.mu.Lock()
	if readInteger(b, size) != bitsOf(call.Argument(3))&mask {
		w.mu.Unlock()
		return n.rt.ToValue("not-equal")
	}
	if w.list == nil {
		w.list = map[*byte][]chan struct{}{}
	}
	w.list[&b[0]] = append(w.list[&b[0]], woken)
	w.mu.Unlock()
	var late <-chan time.Time
	if ms := call.Argument(4).ToFloat(); ms < float64(1<<53) {
		t := time.NewTimer(time.Duration(ms * float64(time.Millisecond)))
		defer t.Stop()
		late = t.C
	}
	select {
	case <-woken:
		return n.rt.ToValue("ok")
	case <-late:
	case <-n.handles.stopped:
	}
	if !w.drop(&b[0], woken) {
		return n.rt.ToValue("ok") // woken at the last moment
	}
	return n.rt.ToValue("timed-out")
}

// drop takes a waiter back; false if it was woken.
func (w *waiters) drop(at *byte, woken chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, c := range w.list[at] {
		if c == woken {
			w.list[at] = append(w.list[at][:i], w.list[at][i+1:]...)
			if len(w.list[at]) == 0 {
				delete(w.list, at)
			}
			return true
		}
	}
	return false
}

// notifyShared(buffer, offset, count) wakes up to count that wait there and returns how many.
func (n *Node) notifyShared(call goja.FunctionCall) goja.Value {
	b := sharedBytes(call.Argument(0))[call.Argument(1).ToInteger():]
	count := call.Argument(2).ToFloat()
	w := &n.cfg.Threads.waiters
	w.mu.Lock()
	defer w.mu.Unlock()
	done := 0
	for list := w.list[&b[0]]; len(list) > 0 && float64(done) < count; list = w.list[&b[0]] {
		close(list[0])
		w.list[&b[0]] = list[1:]
		done++
	}
	if len(w.list[&b[0]]) == 0 {
		delete(w.list, &b[0])
	}
	return n.rt.ToValue(done)
}

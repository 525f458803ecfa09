package node

import (
	"context"
	"sync"

	"github.com/dop251/goja"

	"supercluster/jsapi/node/secure"
	"supercluster/pkg/errno"
	"supercluster/vm"
)

// A handle is a connection, listener, process or codec of a script. shut may be called by any goroutine, more than once,
// and makes every goroutine of the handle return.
type handle interface{ shut() }

// handles holds what the script has open, by the number that its JavaScript half knows. All of it is shut when the loop
// ends.
type handles struct {
	loop *vm.Loop

	mu      sync.Mutex
	last    int64
	open    map[int64]handle
	watched bool
	ended   bool
	stopped chan struct{} // closed when the loop ends, once there is a handle
}

func newHandles(loop *vm.Loop) *handles {
	return &handles{loop: loop, open: map[int64]handle{}, stopped: make(chan struct{})}
}

// add keeps h and returns its number. Loop goroutine only.
func (t *handles) add(h handle) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	t.open[t.last] = h
	if !t.watched {
		t.watched = t.loop.Start(func(ctx context.Context) {
			<-ctx.Done()
			t.shutAll()
		})
	}
	if t.ended {
		h.shut()
	}
	return t.last
}

func (t *handles) get(id int64) handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open[id]
}

func (t *handles) remove(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, id)
}

func (t *handles) shutAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended {
		close(t.stopped)
	}
	t.ended = true
	for id, h := range t.open {
		h.shut()
		delete(t.open, id)
	}
}

// activity is what keeps the loop alive for one handle: it counts what the handle is busy with. Loop goroutine only.
type activity struct {
	loop    *vm.Loop
	count   int
	unrefd  bool
	release func()
}

func (a *activity) add(n int) {
	a.count += n
	a.settle()
}

// setRef says whether being busy keeps the loop alive.
func (a *activity) setRef(on bool) {
	a.unrefd = !on
	a.settle()
}

func (a *activity) settle() {
	want := a.count > 0 && !a.unrefd
	switch {
	case want && a.release == nil:
		a.release = a.loop.Ref()
	case !want && a.release != nil:
		a.release()
		a.release = nil
	}
}

// owner is the JavaScript half of a handle: an object whose methods are called when something happens.
type owner struct {
	n *Node
	o *goja.Object
}

// tell calls the method name, if there is one, as a callback of its own. Loop goroutine only.
func (w owner) tell(name string, args ...goja.Value) {
	if w.o == nil {
		return
	}
	if fn, ok := goja.AssertFunction(w.o.Get(name)); ok {
		w.n.loop.Call(fn, w.o, args...)
	}
}

// fault is an error of the operating system as [errno, code, sentence] for js/system_error.js, one of TLS with the
// number 0; undefined for nil.
func (n *Node) fault(err error) goja.Value {
	if err == nil {
		return goja.Undefined()
	}
	if reason, ok := secure.Reason(err); ok {
		return n.rt.NewArray(0, reason.Code, reason.Message)
	}
	code, number := netCode(err)
	text := errno.Text[code]
	if code == "UNKNOWN" || text == "" {
		text = err.Error()
	}
	return n.rt.NewArray(number, code, text)
}

package node

import (
	"maps"
	"slices"
	"sync"

	"github.com/dop251/goja"
)

// Threads is what the threads of one process share: their numbers and broadcast channels. It is made for the main
// thread; the others get it with their Config.
type Threads struct {
	mu       sync.Mutex
	last     int
	running  map[int]*Node                // by number
	channels map[string]map[*portEnd]bool // the ends that broadcast channels of that name listen to
	waiters  waiters
}

// NewThreads returns the record of a process that has its main thread only.
func NewThreads() *Threads {
	return &Threads{running: map[int]*Node{}, channels: map[string]map[*portEnd]bool{}}
}

func (t *Threads) number() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	return t.last
}

// add says that n is the thread of that number, until the function that it returns is called.
func (t *Threads) add(id int, n *Node) (remove func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running[id] = n
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.running, id)
	}
}

// sendThread(number, value, transfer list, answer) has another thread hear a message; answer("") when it has.
func (n *Node) sendThread(call goja.FunctionCall) goja.Value {
	t, answer := n.cfg.Threads, func(string) {}
	if fn, ok := goja.AssertFunction(call.Argument(3)); ok {
		release := n.loop.Ref()
		answer = func(text string) {
			n.loop.Post(func() { release(); n.loop.Call(fn, goja.Undefined(), n.rt.ToValue(text)) })
		}
	}
	m, err := n.encodeMessage(call.Argument(1), call.Argument(2))
	if err != nil {
		panic(n.messageError(err))
	}
	t.mu.Lock()
	other := t.running[int(call.Argument(0).ToInteger())]
	t.mu.Unlock()
	if other == nil || !other.loop.Post(func() { answer(other.hear(m, n.threadID())) }) {
		answer("FAILED")
	}
	return goja.Undefined()
}

// hear passes a message of another thread to the script, and returns what went wrong; "" for nothing.
func (n *Node) hear(m *message, source int) string {
	v, _, err := n.decodeMessage(m)
	if err != nil {
		return "ERRORED"
	}
	hear, err := n.member("thread_messages", "hear")
	if err != nil {
		return "ERRORED"
	}
	fn, _ := goja.AssertFunction(hear)
	text, err := fn(goja.Undefined(), v, n.rt.ToValue(source))
	if err != nil {
		return "ERRORED"
	}
	return text.String()
}

// threadID is worker_threads.threadId.
func (n *Node) threadID() int {
	if n.cfg.start == nil {
		return 0
	}
	return n.cfg.start.id
}

// joinChannel(name) → the end at which a broadcast channel of this name hears the others, a function that posts to all
// of those, and one that leaves them.
func (n *Node) joinChannel(call goja.FunctionCall) goja.Value {
	t, name := n.cfg.Threads, call.Argument(0).String()
	link := newLink()
	end := link.ends[0]
	t.mu.Lock()
	if t.channels[name] == nil {
		t.channels[name] = map[*portEnd]bool{}
	}
	t.channels[name][end] = true
	t.mu.Unlock()
	publish := func(call goja.FunctionCall) goja.Value {
		m, err := n.encodeMessage(call.Argument(0), nil)
		if err != nil {
			panic(n.messageError(err))
		}
		t.mu.Lock()
		ends := slices.Collect(maps.Keys(t.channels[name]))
		t.mu.Unlock()
		for _, other := range ends {
			if other != end && !other.peer().post(m) {
				t.leave(name, other)
			}
		}
		return goja.Undefined()
	}
	leave := func(goja.FunctionCall) goja.Value { t.leave(name, end); return goja.Undefined() }
	return n.rt.NewArray(n.rt.ToValue(end), n.rt.ToValue(publish), n.rt.ToValue(leave))
}

func (t *Threads) leave(name string, end *portEnd) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.channels[name], end)
	if len(t.channels[name]) == 0 {
		delete(t.channels, name)
	}
}

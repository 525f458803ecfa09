package node

import (
	"context"
	"io"
	"sync"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// A Thread is a worker of worker_threads that is to be run; see Config.Thread.
type Thread struct {
	File  string // the path of its script; "-" if Text is the script
	Text  string // with eval
	Title string // what its script is called in stacks, with eval

	cfg   Config
	start *threadStart
}

// threadStart is what a thread begins with, and how it reaches the one that made it.
type threadStart struct {
	id     int
	port   *portEnd // parentPort
	data   *message // {workerData, environment, limits}
	name   string
	parent *Node
	owner  owner // the JavaScript half of the worker, in the parent
}

// Config returns what node.New takes for the thread, whose scripts run on loop.
func (t *Thread) Config(loop *vm.Loop, mapStack func(string) string) Config {
	c := t.cfg
	c.Loop, c.MapStack = loop, mapStack
	return c
}

// Failed tells the thread's parent what the thread n did not catch. On the thread's goroutine, when its loop has ended.
func (t *Thread) Failed(n *Node, v goja.Value) {
	m, err := n.encodeMessage(v, nil)
	if err != nil {
		text := goja.Value(n.rt.ToValue("an error that cannot be shown"))
		if shown, showErr := n.inspect(v); showErr == nil {
			text = shown
		}
		if m, err = n.encodeMessage(text, nil); err != nil {
			return
		}
	}
	t.tell(func(p *Node, o owner) {
		if v, _, err := p.decodeMessage(m); err == nil {
			o.tell("failed", v)
		}
	})
}

// inspect is util.inspect.
func (n *Node) inspect(v goja.Value) (goja.Value, error) {
	inspect, err := n.member("inspect", "inspect")
	if err != nil {
		return nil, err
	}
	fn, _ := goja.AssertFunction(inspect)
	return fn(goja.Undefined(), v)
}

// tell runs f on the parent's loop.
func (t *Thread) tell(f func(*Node, owner)) {
	p := t.start.parent
	p.loop.Post(func() { f(p, t.start.owner) })
}

// threadOutput is stdout or stderr of a thread: what is written becomes a message to the parent.
type threadOutput struct {
	t      *Thread
	method string
}

func (w threadOutput) Write(b []byte) (int, error) {
	data := append([]byte(nil), b...)
	w.t.tell(func(p *Node, o owner) { o.tell(w.method, p.rt.ToValue(p.rt.NewArrayBuffer(data))) })
	return len(b), nil
}

// A runningThread is the parent's handle of a worker.
type runningThread struct {
	cancel context.CancelFunc
	input  *threadInput
	alive  activity
}

// shut is of handle: it terminates the thread.
func (r *runningThread) shut() {
	r.cancel()
	r.input.end()
}

// startThread(js, {file, text, title, argv, execArgv, env, stdin, data, transfer, name, limits}) starts a worker. js has
// the methods online(), out(bytes), err(bytes), failed(value) and exit(code). It returns {id, end, terminate(), ref(on), hasRef(),
// write(bytes), close()}.
func (n *Node) startThread(call goja.FunctionCall) goja.Value {
	if n.cfg.Thread == nil {
		return goja.Undefined()
	}
	js, o := call.Argument(0).ToObject(n.rt), call.Argument(1).ToObject(n.rt)
	data, err := n.encodeMessage(o.Get("data"), o.Get("transfer"))
	if err != nil {
		panic(n.messageError(err))
	}
	link := newLink()
	r := &runningThread{input: newThreadInput(), alive: activity{loop: n.loop}}
	t := &Thread{
		File: o.Get("file").String(), Text: o.Get("text").String(), Title: o.Get("title").String(),
		start: &threadStart{id: n.cfg.Threads.number(), port: link.ends[1], data: data, name: o.Get("name").String(), parent: n,
			owner: owner{n, js}},
	}
	t.cfg = n.threadConfig(t, o)
	t.cfg.Stdin = r.input
	if !o.Get("stdin").ToBoolean() {
		r.input.end()
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	id := n.handles.add(r)
	r.alive.add(1)
	n.loop.Start(func(loopCtx context.Context) {
		stop := context.AfterFunc(loopCtx, cancel)
		defer stop()
		defer cancel()
		code := n.cfg.Thread(ctx, t)
		t.tell(func(_ *Node, o owner) {
			n.handles.remove(id)
			o.tell("exit", n.rt.ToValue(code))
			r.alive.add(-1)
			r.alive.setRef(false)
		})
	})
	return n.threadObject(t, r, link.ends[0])
}

// threadConfig is the Config of a thread, but for what its host adds.
func (n *Node) threadConfig(t *Thread, o *goja.Object) Config {
	c := n.cfg
	c.start = t.start
	c.Argv = append([]string{n.cfg.ExecPath}, stringsOf(o.Get("argv"))...)
	c.ExecArgv = stringsOf(o.Get("execArgv"))
	c.Env, c.environment = stringsOf(o.Get("env")), nil
	if o.Get("share").ToBoolean() {
		c.environment = n.environment
	}
	c.Stdout, c.Stderr = threadOutput{t, "out"}, threadOutput{t, "err"}
	return c
}

// stringsOf is an array of strings; nil for anything else.
func stringsOf(v goja.Value) []string {
	list := []string{}
	o, ok := v.(*goja.Object)
	if !ok {
		return list
	}
	for _, key := range o.Keys() {
		list = append(list, o.Get(key).String())
	}
	return list
}

func (n *Node) threadObject(t *Thread, r *runningThread, end *portEnd) *goja.Object {
	return n.object(map[string]any{
		"id":  t.start.id,
		"end": n.rt.ToValue(end),
		"terminate": func(goja.FunctionCall) goja.Value {
			r.alive.setRef(true)
			r.shut()
			return goja.Undefined()
		},
		"ref": func(call goja.FunctionCall) goja.Value {
			r.alive.setRef(call.Argument(0).ToBoolean())
			return goja.Undefined()
		},
		"hasRef": func(goja.FunctionCall) goja.Value { return n.rt.ToValue(r.alive.release != nil) },
		"write": func(call goja.FunctionCall) goja.Value {
			done, _ := goja.AssertFunction(call.Argument(1))
			r.input.give(arguments{values: call.Arguments, async: true}.bytes(0), func() {
				n.loop.Post(func() { n.loop.Call(done, goja.Undefined()) })
			})
			return goja.Undefined()
		},
		"close": func(goja.FunctionCall) goja.Value { r.input.end(); return goja.Undefined() },
	})
}

// threadBinding serves js/worker_threads.js.
func (n *Node) threadBinding() *goja.Object {
	s := n.cfg.start
	members := map[string]any{"main": s == nil, "id": 0, "name": "", "start": n.startThread, "send": n.sendThread}
	if s != nil {
		members["id"], members["name"], members["port"] = s.id, s.name, n.rt.ToValue(s.port)
		v, _, err := n.decodeMessage(s.data)
		if err != nil {
			members["data"] = n.rt.NewArray()
			members["problem"] = n.messageError(err)
		} else {
			members["data"] = v
		}
	}
	return n.object(members)
}

// online tells the parent that the thread runs.
func (n *Node) online() {
	if s := n.cfg.start; s != nil {
		p := s.parent
		p.loop.Post(func() { s.owner.tell("online") })
	}
}

// threadInput is the stdin of a thread: one piece at a time, whose writer is told when it was read.
type threadInput struct {
	mu    sync.Mutex
	data  []byte
	done  func()
	ended bool
	came  chan struct{} // holds a token when there is something to look at
}

func newThreadInput() *threadInput { return &threadInput{came: make(chan struct{}, 1)} }

func (i *threadInput) signal() {
	select {
	case i.came <- struct{}{}:
	default:
	}
}

func (i *threadInput) give(data []byte, done func()) {
	i.mu.Lock()
	i.data, i.done = data, done
	i.mu.Unlock()
	i.signal()
}

func (i *threadInput) end() {
	i.mu.Lock()
	i.ended = true
	i.mu.Unlock()
	i.signal()
}

// Read is of io.Reader.
func (i *threadInput) Read(p []byte) (int, error) { return i.ReadContext(context.Background(), p) }

// ReadContext is of contextReader.
func (i *threadInput) ReadContext(ctx context.Context, p []byte) (int, error) {
	for {
		i.mu.Lock()
		n, done, ended := copy(p, i.data), func() {}, i.ended
		i.data = i.data[n:]
		if len(i.data) == 0 && i.done != nil {
			done, i.done = i.done, nil
		}
		i.mu.Unlock()
		done()
		if n > 0 {
			return n, nil
		}
		if ended {
			return 0, io.EOF
		}
		select {
		case <-i.came:
		case <-ctx.Done():
			return 0, errPaused
		}
	}
}

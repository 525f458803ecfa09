package node

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"

	"github.com/dop251/goja"

	"supercluster/pkg/proc"
)

// childBinding serves js/child_native.js.
func (n *Node) childBinding() *goja.Object {
	execArgs := make([]any, len(n.cfg.ExecArgs))
	for i, a := range n.cfg.ExecArgs {
		execArgs[i] = a
	}
	return n.object(map[string]any{
		"spawn": n.spawn, "spawnSync": n.spawnSync, "kill": n.killChild, "ref": n.refChild, "execArgs": n.rt.NewArray(execArgs...),
		"openChannel": n.openChannel, "sendChannel": n.sendChannel, "closeChannel": n.closeChannel,
		"refChannel": n.refChannel, "readChannel": n.readChannel, "takeHandle": n.takeHandle, "channels": channelsWork,
	})
}

// subprocess is a started process; owner.onexit(code, signal) tells its end.
type subprocess struct {
	owner
	activity
	id      int64
	process *proc.Spawned
}

// shut is of handle: a process outlives the script that started it.
func (c *subprocess) shut() {}

// spawnRequest is what spawn and spawnSync are asked for.
type spawnRequest struct {
	cfg   proc.SpawnConfig
	ours  []*os.File // the parent's ends, by descriptor; nil where there is none
	close []*os.File // the child's ends, which the parent closes once they are given away
	links []int      // descriptors that are sockets, not pipes
}

func (r *spawnRequest) closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close() // the child has its own
		}
	}
}

// request reads {file, args, cwd, env, detached, uid, gid, stdio: ['ignore' | 'pipe' | 'ipc' | number, …]}.
func (n *Node) request(o *goja.Object) (*spawnRequest, error) {
	list := func(name string) []string {
		items := o.Get(name).ToObject(n.rt)
		out := make([]string, items.Get("length").ToInteger())
		for i := range out {
			out[i] = items.Get(strconv.Itoa(i)).String()
		}
		return out
	}
	number := func(name string) int {
		if v := o.Get(name); v != nil && !goja.IsUndefined(v) && !goja.IsNull(v) {
			return int(v.ToInteger())
		}
		return -1
	}
	r := &spawnRequest{cfg: proc.SpawnConfig{
		File: o.Get("file").String(), Args: list("args"), Env: list("env"),
		Detached: o.Get("detached").ToBoolean(), UID: number("uid"), GID: number("gid"),
	}}
	if cwd := o.Get("cwd"); cwd != nil && !goja.IsUndefined(cwd) {
		r.cfg.Dir = cwd.String()
	}
	for fd, how := range list("stdio") {
		if err := n.plug(r, fd, how); err != nil {
			r.closeAll(r.ours)
			r.closeAll(r.close)
			return nil, err
		}
	}
	return r, nil
}

// plug makes the child's descriptor fd.
func (n *Node) plug(r *spawnRequest, fd int, how string) error {
	var ours, theirs *os.File
	var err error
	switch {
	case how == "pipe" && fd == 0:
		theirs, ours, err = os.Pipe()
	case how == "pipe" && fd < 3:
		ours, theirs, err = os.Pipe()
	case how == "pipe", how == "ipc":
		ours, theirs, err = socketPair()
		r.links = append(r.links, fd)
	case how == "ignore":
		flag := os.O_RDONLY
		if fd > 0 {
			flag = os.O_RDWR
		}
		if fd < 3 {
			theirs, err = os.OpenFile(os.DevNull, flag, 0)
		}
	default:
		number, convErr := strconv.Atoi(how)
		if convErr != nil {
			return fmt.Errorf("stdio %q", how)
		}
		file, err := n.inherited(number)
		r.cfg.Files = append(r.cfg.Files, file)
		r.ours = append(r.ours, nil)
		return err
	}
	if err != nil {
		return err
	}
	r.cfg.Files = append(r.cfg.Files, theirs)
	r.close = append(r.close, theirs)
	r.ours = append(r.ours, ours)
	return nil
}

// inherited is the file behind a descriptor of this process.
func (n *Node) inherited(fd int) (*os.File, error) {
	for i, stream := range []any{n.cfg.Stdin, n.cfg.Stdout, n.cfg.Stderr} {
		if f, ok := stream.(*os.File); ok && i == fd {
			return f, nil
		}
	}
	f, err := n.files.get(fd)
	if err == nil || !smallDescriptors {
		return f, err
	}
	return keptFile(fd)
}

// kept holds the files made of bare descriptors, so that the collector does not close what is not ours.
var kept sync.Map

// keptFile is a descriptor that this process was given or opened elsewhere.
func keptFile(fd int) (*os.File, error) {
	if f, ok := kept.Load(fd); ok {
		return f.(*os.File), nil
	}
	f := os.NewFile(uintptr(fd), "fd "+strconv.Itoa(fd))
	if f == nil {
		return nil, syscall.EBADF
	}
	if _, err := f.Stat(); err != nil {
		return nil, syscall.EBADF
	}
	kept.Store(fd, f)
	return f, nil
}

// spawn(owner, request) → [number, pid, [stream or channel of each descriptor]], or [undefined, fault].
func (n *Node) spawn(call goja.FunctionCall) goja.Value {
	o := call.Argument(1).ToObject(n.rt)
	r, err := n.request(o)
	if err != nil {
		return n.rt.NewArray(goja.Undefined(), n.fault(err))
	}
	p, err := proc.Spawn(r.cfg)
	r.closeAll(r.close)
	if err != nil {
		r.closeAll(r.ours)
		return n.rt.NewArray(goja.Undefined(), n.fault(err))
	}
	c := &subprocess{owner: owner{n, call.Argument(0).ToObject(n.rt)}, activity: activity{loop: n.loop}, process: p}
	c.id = n.handles.add(c)
	c.add(1)
	n.loop.Start(func(ctx context.Context) {
		select {
		case <-p.Done():
		case <-ctx.Done():
			return
		}
		n.loop.Post(c.exited)
	})
	ends := make([]any, len(r.ours))
	for fd, f := range r.ours {
		ends[fd] = goja.Undefined()
		if f == nil {
			continue
		}
		how := o.Get("stdio").ToObject(n.rt).Get(strconv.Itoa(fd)).String()
		id, err := n.parentEnd(f, how, r.isLink(fd))
		if err != nil {
			ends[fd] = n.fault(err)
			continue
		}
		ends[fd] = id
	}
	return n.rt.NewArray(c.id, p.Pid(), n.rt.NewArray(ends...))
}

func (r *spawnRequest) isLink(fd int) bool {
	for _, l := range r.links {
		if l == fd {
			return true
		}
	}
	return false
}

// parentEnd makes a stream, or for "ipc" a channel, of the parent's end of a pipe.
func (n *Node) parentEnd(f *os.File, how string, link bool) (int64, error) {
	if !link {
		return n.newStream(pipeEnd{f}).id, nil
	}
	conn, err := unixConn(f)
	if err != nil {
		return 0, err
	}
	if how == "ipc" {
		return n.newChannel(conn).id, nil
	}
	return n.newStream(conn).id, nil
}

func (c *subprocess) exited() {
	code, sig := c.process.Ended()
	c.n.handles.remove(c.id)
	c.add(-1)
	c.tell("onexit", c.n.exitValues(code, sig)...)
}

// exitValues are code and name of the signal as node's exit event has them: one of them is null.
func (n *Node) exitValues(code int, sig syscall.Signal) []goja.Value {
	if sig == 0 {
		return []goja.Value{n.rt.ToValue(code), goja.Null()}
	}
	for name, number := range signalTable() {
		if number == int(sig) && name != "SIGIOT" && name != "SIGPOLL" {
			return []goja.Value{goja.Null(), n.rt.ToValue(name)}
		}
	}
	return []goja.Value{goja.Null(), n.rt.ToValue("SIG" + strconv.Itoa(int(sig)))}
}

// killChild(number, signal) → undefined, or the fault.
func (n *Node) killChild(call goja.FunctionCall) goja.Value {
	c, ok := n.handles.get(call.Argument(0).ToInteger()).(*subprocess)
	if !ok {
		return n.fault(syscall.ESRCH)
	}
	err := c.process.Signal(syscall.Signal(call.Argument(1).ToInteger()))
	if err == os.ErrProcessDone {
		err = syscall.ESRCH
	}
	return n.fault(err)
}

func (n *Node) refChild(call goja.FunctionCall) goja.Value {
	if c, ok := n.handles.get(call.Argument(0).ToInteger()).(*subprocess); ok {
		c.setRef(call.Argument(1).ToBoolean())
	}
	return goja.Undefined()
}

package node

import (
	"math/big"
	"os"
	"runtime"
	"runtime/metrics"
	"syscall"
	"time"

	"github.com/dop251/goja"

	"supercluster/pkg/errno"
)

// nodeVersion is the version of Node.js whose behaviour scripts may expect.
const nodeVersion = "20.20.2"

// processBinding serves js/process.js.
func (n *Node) processBinding() *goja.Object {
	argv := make([]any, len(n.cfg.Argv))
	for i, a := range n.cfg.Argv {
		argv[i] = a
	}
	argv0 := ""
	if len(os.Args) > 0 {
		argv0 = os.Args[0]
	}
	return n.object(map[string]any{
		"thread": n.cfg.start != nil, "execArgv": n.stringArray(n.cfg.ExecArgv), "env": n.environmentObject(), "argv": n.rt.NewArray(argv...), "argv0": argv0, "execPath": n.cfg.ExecPath,
		"pid": os.Getpid(), "ppid": os.Getppid(), "platform": platform(), "arch": arch(), "version": nodeVersion,
		"scVersion": n.cfg.Version, "goVersion": runtime.Version(),
		"cwd": n.getwd, "chdir": n.chdir, "umask": n.umask, "hrtime": n.hrtime, "hrtimeBigint": n.hrtimeBigint,
		"uptime": n.uptime, "memoryUsage": n.memoryUsage, "cpuUsage": n.cpuUsage, "ids": n.ids,
		"nextTick": n.nextTick, "exit": n.exit, "abort": n.abort, "kill": n.kill, "listen": n.listen, "ignore": n.ignore,
		"threadUsage": n.threadUsage, "resources": n.resources, "active": n.activeResources,
		"setId": n.setID, "getGroups": n.getGroups, "setGroups": n.setGroups, "initGroups": n.initGroups, "execve": n.execve,
		"signals": signalTable(), "hooks": n.hooks,
		// fatal(error, status) ends the script with an error that no handler is asked about.
		"fatal": func(call goja.FunctionCall) goja.Value {
			n.loop.Fatal(call.Argument(0), int(call.Argument(1).ToInteger()))
			return goja.Undefined()
		},
	})
}

func (n *Node) stringArray(list []string) goja.Value {
	items := make([]any, len(list))
	for i, s := range list {
		items[i] = s
	}
	return n.rt.NewArray(items...)
}

// platform is process.platform.
func platform() string {
	if runtime.GOOS == "windows" {
		return "win32"
	}
	return runtime.GOOS
}

// arch is process.arch.
func arch() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x64"
	case "386":
		return "ia32"
	}
	return runtime.GOARCH
}

func (n *Node) throw(err error, syscall string) {
	if err != nil {
		panic(systemError(n.rt, err, syscall))
	}
}

func (n *Node) getwd(goja.FunctionCall) goja.Value {
	dir, err := os.Getwd()
	n.throw(failed(err, "uv_cwd"), "uv_cwd")
	return n.rt.ToValue(dir)
}

func (n *Node) chdir(call goja.FunctionCall) goja.Value {
	from, _ := os.Getwd() // only for the message
	to := call.Argument(0).String()
	n.throw(failed(os.Chdir(to), "chdir", from, to), "chdir")
	return goja.Undefined()
}

// umask(mask) sets the mask and returns the old one; without an argument it only returns it.
func (n *Node) umask(call goja.FunctionCall) goja.Value {
	if goja.IsUndefined(call.Argument(0)) {
		old := setUmask(0)
		setUmask(old)
		return n.rt.ToValue(old)
	}
	return n.rt.ToValue(setUmask(int(call.Argument(0).ToInteger())))
}

// hrtime returns nanoseconds since the program began as [seconds, rest].
func (n *Node) hrtime(goja.FunctionCall) goja.Value {
	d := time.Since(n.started)
	return n.rt.NewArray(int64(d/time.Second)+hrtimeBase, int64(d%time.Second))
}

// hrtimeBase keeps hrtime from beginning at zero, as it does nowhere else.
const hrtimeBase = 1000

func (n *Node) hrtimeBigint(goja.FunctionCall) goja.Value {
	return n.rt.ToValue(big.NewInt(int64(time.Since(n.started)) + hrtimeBase*int64(time.Second)))
}

func (n *Node) uptime(goja.FunctionCall) goja.Value {
	return n.rt.ToValue(time.Since(n.started).Seconds())
}

// memoryUsage returns [rss, heapTotal, heapUsed, external] in bytes.
func (n *Node) memoryUsage(goja.FunctionCall) goja.Value {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	used, total := samples[0].Value.Uint64(), samples[1].Value.Uint64()-samples[2].Value.Uint64()
	rss := residentBytes()
	if rss == 0 {
		rss = total
	}
	return n.rt.NewArray(rss, total, used, 0)
}

// cpuUsage returns [user, system] in microseconds.
func (n *Node) cpuUsage(goja.FunctionCall) goja.Value {
	user, system := cpuTimes()
	return n.rt.NewArray(user.Microseconds(), system.Microseconds())
}

// ids returns [uid, euid, gid, egid], -1 where the system has none.
func (n *Node) ids(goja.FunctionCall) goja.Value {
	return n.rt.NewArray(os.Getuid(), os.Geteuid(), os.Getgid(), os.Getegid())
}

func (n *Node) nextTick(call goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(n.rt.NewTypeError("nextTick: no function"))
	}
	n.loop.NextTick(func() { n.loop.Call(fn, goja.Undefined()) })
	return goja.Undefined()
}

func (n *Node) exit(call goja.FunctionCall) goja.Value {
	n.loop.Exit(int(call.Argument(0).ToInteger()))
	return goja.Undefined()
}

// abort ends the process at once, without exit listeners, as process.abort does.
func (n *Node) abort(goja.FunctionCall) goja.Value {
	n.throw(failed(abortProcess(), "abort"), "abort")
	return goja.Undefined()
}

// kill(pid, number) sends a signal; 0 only asks whether the process is there.
func (n *Node) kill(call goja.FunctionCall) goja.Value {
	err := sendSignal(int(call.Argument(0).ToInteger()), syscall.Signal(call.Argument(1).ToInteger()))
	if err == nil {
		return goja.Undefined()
	}
	code, number := errno.Code(err)
	e, newErr := n.rt.New(n.rt.Get("Error"), n.rt.ToValue("kill "+code))
	if newErr != nil {
		panic(n.rt.NewTypeError("kill %s", code))
	}
	_ = e.Set("errno", number) // a new Error refuses nothing
	_ = e.Set("code", code)
	_ = e.Set("syscall", "kill")
	panic(e)
}

// listen(number, fn) calls fn on the loop at each signal.
func (n *Node) listen(call goja.FunctionCall) goja.Value {
	fn, ok := goja.AssertFunction(call.Argument(1))
	if !ok {
		panic(n.rt.NewTypeError("listen: no function"))
	}
	n.signals.listen(syscall.Signal(call.Argument(0).ToInteger()), func() { n.loop.Call(fn, goja.Undefined()) })
	return goja.Undefined()
}

func (n *Node) ignore(call goja.FunctionCall) goja.Value {
	n.signals.ignore(syscall.Signal(call.Argument(0).ToInteger()))
	return goja.Undefined()
}

// hooks(h) joins the loop's events to the functions of h: uncaught(err, origin) and rejection(reason, promise) return
// whether they handled it, handled(promise), beforeExit() and exit(code), which returns the status to end with.
func (n *Node) hooks(call goja.FunctionCall) goja.Value {
	h := call.Argument(0).ToObject(n.rt)
	invoke := func(name string, args ...goja.Value) goja.Value {
		fn, ok := goja.AssertFunction(h.Get(name))
		if !ok {
			return goja.Undefined()
		}
		v, err := fn(h, args...)
		if err != nil {
			n.loop.Report(err)
			return goja.Undefined()
		}
		return v
	}
	n.loop.OnUncaught(func(err goja.Value, origin string) bool {
		return invoke("uncaught", err, n.rt.ToValue(origin)).ToBoolean()
	})
	n.loop.OnUnhandledRejection(func(reason goja.Value, p *goja.Promise) bool {
		return invoke("rejection", reason, n.rt.ToValue(p)).ToBoolean()
	})
	n.loop.OnRejectionHandled(func(p *goja.Promise) { invoke("handled", n.rt.ToValue(p)) })
	n.loop.OnBeforeExit(func() { invoke("beforeExit") })
	n.loop.OnExit(func(code int) {
		if final := invoke("exit", n.rt.ToValue(code)); !goja.IsUndefined(final) && int(final.ToInteger()) != code {
			n.loop.Exit(int(final.ToInteger()))
		}
	})
	return goja.Undefined()
}

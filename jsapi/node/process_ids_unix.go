//go:build unix

package node

import (
	"os"
	"os/user"
	"strconv"
	"syscall"

	"github.com/dop251/goja"
	"golang.org/x/sys/unix"

	"supercluster/pkg/errno"
)

// lookUp is the number of a user or group, given as one or by name; false if there is none of the name.
func lookUp(v goja.Value, group bool) (int, bool) {
	if goja.IsNumber(v) {
		return int(v.ToInteger()), true
	}
	text := ""
	if group {
		if g, err := user.LookupGroup(v.String()); err == nil {
			text = g.Gid
		}
	} else if u, err := user.Lookup(v.String()); err == nil {
		text = u.Uid
	}
	id, err := strconv.Atoi(text)
	return id, err == nil
}

// setID(call, number or name) makes the process another user or group; "unknown" if there is none of the name.
func (n *Node) setID(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	id, ok := lookUp(call.Argument(1), name == "setgid" || name == "setegid")
	if !ok {
		return n.rt.ToValue("unknown")
	}
	var err error
	switch name {
	case "setuid":
		err = syscall.Setuid(id)
	case "seteuid":
		err = syscall.Setreuid(-1, id)
	case "setgid":
		err = syscall.Setgid(id)
	default:
		err = syscall.Setregid(-1, id)
	}
	n.throw(failed(err, name), name)
	return goja.Undefined()
}

func (n *Node) getGroups(goja.FunctionCall) goja.Value {
	groups, err := syscall.Getgroups()
	n.throw(failed(err, "getgroups"), "getgroups")
	items := make([]any, 0, len(groups)+1)
	own := os.Getegid()
	known := false
	for _, g := range groups {
		items = append(items, g)
		known = known || g == own
	}
	if !known {
		items = append(items, own)
	}
	return n.rt.NewArray(items...)
}

// setGroups([number or name, …]) → the first name that is unknown
func (n *Node) setGroups(call goja.FunctionCall) goja.Value {
	list := call.Argument(0).ToObject(n.rt)
	var groups []int
	for i := range int(list.Get("length").ToInteger()) {
		v := list.Get(strconv.Itoa(i))
		id, ok := lookUp(v, true)
		if !ok {
			return v
		}
		groups = append(groups, id)
	}
	n.throw(failed(syscall.Setgroups(groups), "setgroups"), "setgroups")
	return goja.Undefined()
}

// initGroups(user, group) → "user" or "group", whichever is unknown
func (n *Node) initGroups(call goja.FunctionCall) goja.Value {
	uid, ok := lookUp(call.Argument(0), false)
	if !ok {
		return n.rt.ToValue("user")
	}
	gid, ok := lookUp(call.Argument(1), true)
	if !ok {
		return n.rt.ToValue("group")
	}
	groups := []int{gid}
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		ids, err := u.GroupIds()
		n.throw(failed(err, "initgroups"), "initgroups")
		for _, text := range ids {
			if id, err := strconv.Atoi(text); err == nil && id != gid {
				groups = append(groups, id)
			}
		}
	}
	n.throw(failed(syscall.Setgroups(groups), "initgroups"), "initgroups")
	return goja.Undefined()
}

// execve(path, arguments, environment) replaces the process; if that fails it ends with SIGABRT, as node does, since
// nothing of it can be relied on any more.
func (n *Node) execve(call goja.FunctionCall) goja.Value {
	path, args, env := call.Argument(0).String(), stringsOf(call.Argument(1)), stringsOf(call.Argument(2))
	n.restoreTerminal()
	err := syscall.Exec(path, args, env)
	code, _ := errno.Code(err)
	_, _ = os.Stderr.WriteString("process.execve failed with error code " + code + "\n") // the process ends anyway
	n.throw(failed(abortProcess(), "execve"), "execve")
	return goja.Undefined()
}

// resources() → [user, system, maxRSS, page faults …] as js/process_usage.js names them
func (n *Node) resources(goja.FunctionCall) goja.Value {
	var u unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_SELF, &u)
	n.throw(failed(err, "getrusage"), "getrusage")
	return n.rt.NewArray(u.Utime.Nano()/1000, u.Stime.Nano()/1000, int64(u.Maxrss), int64(u.Minflt), int64(u.Majflt), int64(u.Inblock),
		int64(u.Oublock), int64(u.Nvcsw), int64(u.Nivcsw))
}

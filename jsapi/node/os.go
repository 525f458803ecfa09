package node

import (
	"net"
	"os"
	"os/user"
	"runtime"

	"github.com/dop251/goja"
)

// osBinding serves js/os.js.
func (n *Node) osBinding() *goja.Object {
	return n.object(map[string]any{
		"platform": platform(), "arch": arch(), "endianness": endianness(),
		"hostname": n.hostname, "homedir": n.homedir, "tmpdir": func(goja.FunctionCall) goja.Value { return n.rt.ToValue(os.TempDir()) },
		"cpus": n.cpus, "interfaces": n.interfaces, "userInfo": n.userInfo,
		"memory":  func(goja.FunctionCall) goja.Value { total, free := systemMemory(); return n.rt.NewArray(total, free) },
		"loadavg": func(goja.FunctionCall) goja.Value { a := loadAverages(); return n.rt.NewArray(a[0], a[1], a[2]) },
		"uptime":  func(goja.FunctionCall) goja.Value { return n.rt.ToValue(systemUptime()) },
		"uname": func(goja.FunctionCall) goja.Value {
			u := uname()
			return n.rt.NewArray(u[0], u[1], u[2], u[3])
		},
		"signals": signalTable(), "parallelism": runtime.NumCPU(),
	})
}

func endianness() string {
	switch runtime.GOARCH {
	case "ppc64", "s390x", "mips", "mips64":
		return "BE"
	}
	return "LE"
}

func (n *Node) hostname(goja.FunctionCall) goja.Value {
	name, err := os.Hostname()
	n.throw(failed(err, "uv_os_gethostname"), "uv_os_gethostname")
	return n.rt.ToValue(name)
}

func (n *Node) homedir(goja.FunctionCall) goja.Value {
	dir, err := os.UserHomeDir()
	if err != nil {
		u, userErr := user.Current()
		n.throw(failed(userErr, "uv_os_homedir"), "uv_os_homedir")
		dir = u.HomeDir
	}
	return n.rt.ToValue(dir)
}

// cpu is one core: its name, its clock in MHz, and the milliseconds it spent so far.
type cpu struct {
	model                      string
	speed                      int64
	user, nice, sys, idle, irq int64
}

// cpus() → [model, speed, user, nice, sys, idle, irq, …]
func (n *Node) cpus(goja.FunctionCall) goja.Value {
	var list []any
	for _, c := range systemCPUs() {
		list = append(list, c.model, c.speed, c.user, c.nice, c.sys, c.idle, c.irq)
	}
	return n.rt.NewArray(list...)
}

// interfaces() → [name, address, prefix length, family, mac, internal, scope id, …] of the interfaces that are up
func (n *Node) interfaces(goja.FunctionCall) goja.Value {
	ifs, err := net.Interfaces()
	n.throw(failed(err, "uv_interface_addresses"), "uv_interface_addresses")
	var list []any
	for _, i := range ifs {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away meanwhile
		}
		mac := i.HardwareAddr.String()
		if mac == "" {
			mac = "00:00:00:00:00:00"
		}
		for _, a := range addrs {
			ipnet, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			family, scope := 4, 0
			if ipnet.IP.To4() == nil {
				family = 6
				if ipnet.IP.IsLinkLocalUnicast() {
					scope = i.Index
				}
			}
			ones, _ := ipnet.Mask.Size()
			list = append(list, i.Name, ipnet.IP.String(), ones, family, mac, i.Flags&net.FlagLoopback != 0, scope)
		}
	}
	return n.rt.NewArray(list...)
}

// userInfo() → [uid, gid, username, homedir, shell]
func (n *Node) userInfo(goja.FunctionCall) goja.Value {
	u, err := user.Current()
	n.throw(failed(err, "uv_os_get_passwd"), "uv_os_get_passwd")
	return n.rt.NewArray(os.Getuid(), os.Getgid(), u.Username, u.HomeDir, os.Getenv("SHELL"))
}

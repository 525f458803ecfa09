package jsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/dop251/goja"

	"supercluster/discovery/lookup"
	"supercluster/net/cluster"
	"supercluster/vm/grant"
)

// Isolation of a worker's tasks: in child processes, or in this one.
const (
	isolationProcess = "process"
	isolationVM      = "vm"
)

// A nodeConf is what createMaster, createWorker or createTracker was given,
// over the settings of the process.
type nodeConf struct {
	data      json.RawMessage
	cluster   string
	trackers  []string
	bind      string
	port      int
	broadcast struct {
		port     int
		interval time.Duration
	}
	ttl       time.Duration
	advertise netip.AddrPort // of a master or worker; port 0 is its own, the zero AddrPort what others see
	join      bool
	slots     int
	isolation string
	engine    string
	resources cluster.Resources
	allow     grant.Permissions
	limits    Limits

	onConfined func([]string) // hears what keeps tasks from their host; nil if nobody asked
	private    bool           // seen by the nodes of this process alone
	silent     bool           // announced to nobody
	trust      trustKey
}

// defaultTTL is how long an announcement counts without another.
const defaultTTL = 5 * time.Second

func (s *Session) conf() nodeConf {
	c := nodeConf{
		data:      json.RawMessage("{}"),
		cluster:   s.settings.Cluster,
		trackers:  s.settings.Trackers,
		bind:      s.settings.Bind,
		port:      s.settings.Port,
		advertise: s.settings.Advertise,
		ttl:       defaultTTL,
		join:      true,
		slots:     s.settings.Slots,
		isolation: s.settings.Isolation,
		engine:    s.settings.Engine,
		resources: s.settings.Resources,
		allow:     s.settings.Allow,
		limits:    s.settings.Limits,
	}
	c.trust = trustKey{token: s.settings.Token, closed: s.settings.Closed}
	c.broadcast.port = s.settings.BroadcastPort
	c.broadcast.interval = s.settings.Interval
	return c
}

// readConf reads v, the argument of createMaster and its like.
func (s *Session) readConf(rt *goja.Runtime, role string, v goja.Value) (nodeConf, error) {
	c := s.conf()
	call := "create" + map[string]string{roleMaster: "Master", roleWorker: "Worker", roleTracker: "Tracker"}[role]
	fields := map[string]field{
		"port":    intField(&c.port, 0, 65535),
		"bindTo":  bindField(&c.bind),
		"ttl":     durationField(&c.ttl),
		"cluster": nameField(&c.cluster),
		"join":    boolField(&c.join),
	}
	maps.Copy(fields, trustFields(&c))
	if role != roleTracker {
		fields["data"] = jsonField(rt, &c.data)
		fields["broadcast"] = broadcastField(rt, &c)
		fields["tracker"] = trackerField(rt, &c)
		fields["advertise"] = advertiseField(&c.advertise)
	}
	if role == roleWorker {
		fields["slots"] = intField(&c.slots, 1, 10000)
		fields["resources"] = resourcesField(rt, &c.resources)
		fields["allow"] = allowField(rt, &c.allow)
		fields["limits"] = limitsField(rt, &c.limits)
		fields["engine"] = choiceField(&c.engine, engineAuto, engineGoja, engineNode)
		fields["isolation"] = choiceField(&c.isolation, isolationProcess, isolationVM)
	}
	return c, readOptions(rt, call, v, fields)
}

func nameField(to *string) field {
	return func(path string, v goja.Value) error {
		if err := stringField(to)(path, v); err != nil {
			return err
		}
		if *to == "" || len(*to) > 64 {
			return badOption("%s must have 1 to 64 bytes, not %d", path, len(*to))
		}
		return nil
	}
}

// bindField takes an IP address of this machine, or "" for all of them.
func bindField(to *string) field {
	return func(path string, v goja.Value) error {
		if err := stringField(to)(path, v); err != nil {
			return err
		}
		if _, err := listenAddr(*to, 0); err != nil {
			return badOption("%s must be an IP address such as \"10.0.0.5\", not %s", path, describe(v))
		}
		return nil
	}
}

func choiceField(to *string, choices ...string) field {
	return func(path string, v goja.Value) error {
		s, _ := v.Export().(string)
		for _, c := range choices {
			if s == c {
				*to = s
				return nil
			}
		}
		return badOption("%s must be one of %s, not %s", path, quoted(choices), describe(v))
	}
}

func broadcastField(rt *goja.Runtime, c *nodeConf) field {
	return func(path string, v goja.Value) error {
		return readOptions(rt, path, v, map[string]field{
			"port":     intField(&c.broadcast.port, 1, 65535),
			"interval": durationField(&c.broadcast.interval),
		})
	}
}

// advertiseField takes an IP address, with a port or without.
func advertiseField(to *netip.AddrPort) field {
	return func(path string, v goja.Value) error {
		var text string
		if err := stringField(&text)(path, v); err != nil {
			return err
		}
		addr, err := ParseAdvertise(text)
		if err != nil {
			return badOption("%s must be %v, not %s", path, err, describe(v))
		}
		*to = addr
		return nil
	}
}

// ParseAdvertise reads an address to tell others: "10.0.0.5", of which the port
// is then 0, or "10.0.0.5:5000". The error says what is wanted.
func ParseAdvertise(text string) (netip.AddrPort, error) {
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		var ip netip.Addr
		ip, err = netip.ParseAddr(text)
		addr = netip.AddrPortFrom(ip, 0)
	}
	if err != nil || addr.Addr().IsUnspecified() || addr.Addr().IsMulticast() || addr.Addr().Zone() != "" {
		return netip.AddrPort{}, errors.New(`an IP address such as "10.0.0.5" or "10.0.0.5:5000"`)
	}
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), nil
}

// trackerField takes {addr, port, bindTo}, "host:port", a source such as
// "dns:name", or an array of these.
func trackerField(rt *goja.Runtime, c *nodeConf) field {
	return func(path string, v goja.Value) error {
		c.trackers = nil
		list := []goja.Value{v}
		if obj, ok := v.(*goja.Object); ok && obj.ClassName() == "Array" {
			list = nil
			if err := rt.ExportTo(v, &list); err != nil {
				return badOption("%s: %v", path, err)
			}
		}
		for _, one := range list {
			addr, err := trackerAddr(rt, path, one, &c.bind)
			if err != nil {
				return err
			}
			c.trackers = append(c.trackers, addr)
		}
		return nil
	}
}

func trackerAddr(rt *goja.Runtime, path string, v goja.Value, bind *string) (string, error) {
	port := defaultTrackerPort
	var addr string
	if text, ok := v.Export().(string); ok {
		if lookup.Is(text) {
			if _, err := lookup.New(text, lookup.Config{}); err != nil {
				return "", badOption("%s: %v", path, err)
			}
			return text, nil
		}
		addr = text
		if host, p, err := net.SplitHostPort(text); err == nil {
			n, err := strconv.Atoi(p)
			if err != nil || n < 1 || n > 65535 {
				return "", badOption("%s: %q has no valid port", path, text)
			}
			addr, port = host, n
		}
	} else if err := readOptions(rt, path, v, map[string]field{
		"addr":   stringField(&addr),
		"port":   intField(&port, 1, 65535),
		"bindTo": bindField(bind),
	}); err != nil {
		return "", err
	}
	if addr == "" {
		return "", badOption("%s needs an addr: the name or IP address of a tracker", path)
	}
	return net.JoinHostPort(addr, fmt.Sprint(port)), nil
}

// defaultTrackerPort is where a tracker listens unless told otherwise (SPEC §2).
const defaultTrackerPort = 44201

package grant

import (
	"fmt"
	"slices"
	"strings"
)

// A List is what one permission allows: all, or what the items name. The zero List allows nothing.
type List struct {
	All   bool
	Items []string
}

func (l List) none() bool { return !l.All && len(l.Items) == 0 }

// Permissions are what tasks of members may use. The zero value is none.
type Permissions struct {
	// Read and Write are of files and folders, which stand for all that is in them.
	Read, Write List
	// Net is of hosts: "host", "host:port", "192.0.2.1", "[2001:db8::1]:443".
	Net List
	// Env is of variables of the worker's environment: "NAME", or "PREFIX*".
	Env List
	// Run is of programs: names in PATH, or paths.
	Run List
	// Packages lets tasks bring packages: they run under node, unconfined.
	Packages bool
	// All allows all of the above, and what lies below /proc, /sys and /dev.
	All bool
}

// Kinds of permissions, in the order in which people read them. Each but Packages is a List.
const (
	Read     = "read"
	Write    = "write"
	Net      = "net"
	Env      = "env"
	Run      = "run"
	Packages = "packages"
)

// Kinds are the permissions by name.
var Kinds = []string{Read, Write, Net, Env, Run, Packages}

// Of returns the list of that kind, nil for another or for Packages.
func (p *Permissions) Of(kind string) *List {
	switch kind {
	case Read:
		return &p.Read
	case Write:
		return &p.Write
	case Net:
		return &p.Net
	case Env:
		return &p.Env
	case Run:
		return &p.Run
	}
	return nil
}

// Given lists the kinds of which something is allowed.
func (p Permissions) Given() []string {
	var kinds []string
	for _, kind := range Kinds {
		if l := p.Of(kind); p.All || l != nil && !l.none() || kind == Packages && p.Packages {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// filled is p with what All says written out.
func (p Permissions) filled() Permissions {
	for _, kind := range Kinds {
		if l := p.Of(kind); l != nil {
			*l = List{All: l.All || p.All, Items: slices.Clone(l.Items)}
		}
	}
	p.Packages = p.Packages || p.All
	return p
}

// Add allows what text lists, separated by commas; an empty text allows all.
func (l *List) Add(text string) error {
	if text == "" {
		l.All = true
		return nil
	}
	for item := range strings.SplitSeq(text, ",") {
		if item == "" {
			return fmt.Errorf("an empty name in the list %q", text)
		}
		l.Items = append(l.Items, item)
	}
	return nil
}

// String is the list as Add takes it, "all" or "none".
func (l List) String() string {
	switch {
	case l.All:
		return "all"
	case len(l.Items) == 0:
		return "none"
	}
	return strings.Join(l.Items, ",")
}

// Describe says in words what tasks of members may use: "read /data, net all"; "" if it is nothing.
func (p Permissions) Describe() string {
	if p.All {
		return "everything"
	}
	var parts []string
	for _, kind := range p.Given() {
		if l := p.Of(kind); l != nil {
			kind += " " + l.String()
		}
		parts = append(parts, kind)
	}
	return strings.Join(parts, "; ")
}

// Denied is the refusal of a request.
type Denied struct {
	Kind   string // as Read
	Target string // what was asked for; "" for all of the kind
	Flag   string // what would allow it, as "--allow-read=/data"
	// Why says more than that it is not on the list; "" if that is all.
	Why string
}

// Error is a sentence in Deno's manner.
func (d *Denied) Error() string {
	text := "Requires " + d.Kind + " access"
	if d.Target != "" {
		text += fmt.Sprintf(" to %q", d.Target)
	}
	if d.Why != "" {
		text += ", " + d.Why
	}
	return text + ": start the worker with " + d.Flag
}

// denied refuses access of that kind to target.
func denied(kind, target string) *Denied {
	return &Denied{Kind: kind, Target: target, Flag: "--allow-" + kind + "=" + target}
}

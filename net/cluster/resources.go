package cluster

import (
	"encoding/json"
	"maps"
	"math"
	"slices"

	"supercluster/net/wire"
)

// Resources is so much of each resource, by name: what a worker has, or what a task holds while it runs. Each name
// means what the cluster's users agree on; amounts are at least 0.
type Resources map[string]float64

// cover reports whether there is at least as much of everything as need says.
func (r Resources) cover(need Resources) bool {
	for name, amount := range need {
		if amount > r[name] {
			return false
		}
	}
	return true
}

// add adds other, times sign, to r.
func (r Resources) add(other Resources, sign float64) {
	for name, amount := range other {
		r[name] += sign * amount
	}
}

// wireNeeds is r as it travels, ordered by name.
func (r Resources) wireNeeds() []wire.Need {
	var needs []wire.Need
	for _, name := range slices.Sorted(maps.Keys(r)) {
		needs = append(needs, wire.Need{Name: name, Amount: r[name]})
	}
	return needs
}

// readNeeds is the inverse. What is no amount counts as more than anybody has.
func readNeeds(needs []wire.Need) Resources {
	if len(needs) == 0 {
		return nil
	}
	r := make(Resources, len(needs))
	for _, n := range needs {
		if n.Amount < 0 || math.IsNaN(n.Amount) {
			n.Amount = math.Inf(1)
		}
		r[n.Name] = n.Amount
	}
	return r
}

// hostFacts is what counts here of what a node says of its host.
type hostFacts struct {
	Resources Resources
	Allows    []string
	Guests    Quota
}

// readFacts reads the facts of a host, of which another node may say anything.
func readFacts(host json.RawMessage) hostFacts {
	var f hostFacts
	if len(host) == 0 || json.Unmarshal(host, &f) != nil {
		return hostFacts{}
	}
	return f
}

// next returns the place in the queue of the first job that can start with what is free, or -1. A job that has to wait
// for a resource keeps those behind it from taking that before it.
func (in *intake) next(o *owner) int {
	var awaited Resources
	for i, j := range o.queue {
		if j.needs == nil {
			return i
		}
		blocked := !in.free.cover(j.needs)
		for name := range j.needs {
			_, wanted := awaited[name]
			blocked = blocked || wanted
		}
		if !blocked {
			return i
		}
		if awaited == nil {
			awaited = make(Resources)
		}
		awaited.add(j.needs, 1)
	}
	return -1
}

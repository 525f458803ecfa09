package jsapi

import (
	"encoding/json"
	"maps"
	"os"
	"runtime"

	"supercluster/net/cluster"
	"supercluster/pkg/nodepkg"
)

// offer is what a worker tells besides: what tasks may ask for, what those of
// members may use, the tools that it has for packages, what runs functions,
// and what guests may have if that is not the default.
type offer struct {
	resources cluster.Resources
	allows    []string
	tools     nodepkg.Tools
	engines   []string
	guests    json.RawMessage
}

// hostFacts is what every node tells of its machine, as JSON: os and arch in
// Go's words, cpus as a count, memory in bytes if it is known. o is empty for
// what is no worker.
func hostFacts(o offer) json.RawMessage {
	name, _ := os.Hostname() // unknown is the empty string
	facts, err := json.Marshal(struct {
		OS        string            `json:"os"`
		Arch      string            `json:"arch"`
		CPUs      int               `json:"cpus"`
		Memory    uint64            `json:"memory,omitempty"`
		Hostname  string            `json:"hostname"`
		Resources cluster.Resources `json:"resources,omitempty"`
		Allows    []string          `json:"allows,omitempty"`
		Tools     []string          `json:"tools,omitempty"`
		Engines   []string          `json:"engines,omitempty"`
		Guests    json.RawMessage   `json:"guests,omitempty"`
	}{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), hostMemory(), name, o.resources, o.allows, o.tools.Names(), o.engines, o.guests})
	if err != nil {
		return nil // cannot be: the fields are plain
	}
	return facts
}

// workerResources is what a worker has: what it was given, and a cpu for each
// of the machine's unless it was said how many.
func workerResources(given cluster.Resources) cluster.Resources {
	r := cluster.Resources{"cpu": float64(runtime.NumCPU())}
	maps.Copy(r, given)
	return r
}

package jsapi

import (
	"encoding/json"
	"maps"
	"os"
	"runtime"

	"supercluster/net/cluster"
	"supercluster/pkg/nodepkg"
)

// hostFacts is what every node tells of its machine, as JSON: os and arch in
// Go's words, cpus as a count, memory in bytes if it is known. A worker tells
// its resources, what tasks of members may use, the tools that it has for
// packages, and what runs functions, too.
func hostFacts(resources cluster.Resources, allows []string, tools nodepkg.Tools, engines []string) json.RawMessage {
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
	}{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), hostMemory(), name, resources, allows, tools.Names(), engines})
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

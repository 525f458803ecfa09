package jsapi

import (
	"encoding/json"
	"os"
	"runtime"
)

// hostFacts is what every node tells of its machine, as JSON: os and arch in
// Go's words, cpus as a count.
func hostFacts() json.RawMessage {
	name, _ := os.Hostname() // unknown is the empty string
	facts, err := json.Marshal(struct {
		OS       string `json:"os"`
		Arch     string `json:"arch"`
		CPUs     int    `json:"cpus"`
		Hostname string `json:"hostname"`
	}{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), name})
	if err != nil {
		return nil // cannot be: the fields are plain
	}
	return facts
}

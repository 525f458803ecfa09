package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// apiRows is the JavaScript API, a row for each call, event and option that
// users are promised, with the script that shows it between processes. covers
// are the members of the declarations that the row stands for.
var apiRows = []struct {
	row, script string
	covers      []string
}{
	{"the factories", "api_factories", []string{"createMaster", "createWorker", "createTracker"}},
	{"join and leave", "api_join_leave", []string{"NodeConf.join", "Node.join", "Node.leave", "Node.left"}},
	{"unref and ref", "api_unref", []string{"Node.unref", "Node.ref"}},
	{"option data", "api_conf_data", []string{"MemberConf.data", "Node.data"}},
	{"option tracker", "api_conf_tracker", []string{"MemberConf.tracker"}},
	{"sources of trackers", "discovery_sources", nil},
	{"options port and bindTo", "api_conf_port", []string{"NodeConf.port", "NodeConf.bindTo", "Node.addr", "Node.port"}},
	{"option broadcast", "api_conf_broadcast", []string{"MemberConf.broadcast"}},
	{"option ttl", "api_conf_ttl", []string{"NodeConf.ttl"}},
	{"options cluster, key, keyFile, guests", "api_conf_cluster", []string{"NodeConf.cluster", "NodeConf.key", "NodeConf.keyFile", "NodeConf.guests"}},
	{"option advertise", "api_conf_advertise", []string{"NodeConf.advertise"}},
	{"options of workers", "api_conf_worker", []string{"WorkerConf.slots", "WorkerConf.isolation", "WorkerConf.allow", "WorkerConf.limits", "WorkerConf.resources", "Worker.slots"}},
	{"unknown options", "api_conf_unknown", nil},
	{"discovery events of masters", "api_event_master", []string{"Master.on workerAvailable", "Master.on workerUnavailable", "Node.id", "Node.role", "Master.role", "Node.peers", "Node.peer"}},
	{"discovery events of workers", "api_event_worker", []string{"Worker.on masterAvailable", "Worker.on masterUnavailable", "Worker.role"}},
	{"discovery events of trackers", "api_event_tracker", []string{"Tracker.on workerAvailable", "Tracker.on workerUnavailable", "Tracker.on masterAvailable", "Tracker.on masterUnavailable", "Tracker.role"}},
	{"listeners that come late", "api_event_late", nil},
	{"several nodes of a process", "api_discovery", nil},
	{"targets and queries", "api_target", nil},
	{"sendTaskTo", "api_send_task_to", []string{"Master.sendTaskTo"}},
	{"sendTaskToAll", "api_send_task_to_all", []string{"Master.sendTaskToAll"}},
	{"sendTo", "api_send_to", []string{"Master.sendTo"}},
	{"msgTo and msgToAll", "api_msg_to", []string{"Master.msgTo", "Master.msgToAll"}},
	{"run", "api_run", []string{"Master.run"}},
	{"map", "api_map", []string{"Master.map"}},
	{"put", "api_put", []string{"Master.put"}},
	{"handles", "api_handle", nil},
	{"options of tasks", "api_options", []string{
		"TaskOptions.timeout", "TaskOptions.queueTimeout", "TaskOptions.retries", "TaskOptions.backoff", "TaskOptions.retryIf",
		"TaskOptions.priority", "TaskOptions.signal", "TaskOptions.where", "TaskOptions.resources", "TaskOptions.idempotent",
	}},
	{"option membersOnly", "guest_refused", []string{"TaskOptions.membersOnly"}},
	{"option engine", "engine", []string{"TaskOptions.engine", "WorkerConf.engine"}},
	{"option capture", "capture_fn", []string{"TaskOptions.capture", "fn"}},
	{"events of a task", "api_event_task", []string{
		"Master.on workerTaskReceived", "Master.on workerTaskConfigComplete", "Master.on workerProgress", "Master.on workerTaskComplete", "Master.on taskLog",
	}},
	{"a worker's sendToMaster", "api_worker_send_to_master", []string{"Worker.sendToMaster"}},
	{"a worker's sendTo", "api_worker_send_to", []string{"Worker.sendTo", "Worker.workers"}},
	{"a worker's sendToAll", "api_worker_send_to_all", []string{"Worker.sendToAll"}},
	{"setAvailability", "api_worker_set_availability", []string{"Worker.setAvailability"}},
	{"setProgress", "api_worker_set_progress", []string{"Worker.setProgress"}},
	{"taskReceived", "api_event_task_received", []string{"Worker.on taskReceived"}},
	{"reserved names", "api_reserved", nil},
	{"messages from inside tasks", "api_task_messages", nil},
	{"the event bus", "api_bus", []string{"Node.bus", "Bus.emit", "Bus.on", "Bus.once", "Bus.off"}},
	{"the event bus over a tracker", "api_bus_tracker", nil},
	{"a tracker's HTTP", "api_tracker_http", nil},
	{"the seed's simplest example", "seed", nil},
}

var (
	interfaceHead = regexp.MustCompile(`^  export interface (\w+)`)
	functionHead  = regexp.MustCompile(`^  export function (\w+)`)
	memberHead    = regexp.MustCompile(`^    (?:readonly )?(\w+)\??[:(<]`)
	eventHead     = regexp.MustCompile(`^    on\(event: '(\w+)'`)
)

// declaredMembers are the functions, and the members of the interfaces that
// rows stand for, which the declarations have: "fn", "Master.run",
// "Master.on taskLog".
func declaredMembers(t *testing.T) (members []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "js", "supercluster.d.ts"))
	if err != nil {
		t.Fatal(err)
	}
	promised := []string{"NodeConf", "MemberConf", "MasterConf", "WorkerConf", "TrackerConf", "TaskOptions", "Node", "Master", "Worker", "Tracker", "Bus"}
	current := ""
	for line := range strings.Lines(string(text)) {
		switch {
		case functionHead.MatchString(line):
			members = append(members, functionHead.FindStringSubmatch(line)[1])
		case interfaceHead.MatchString(line):
			current = interfaceHead.FindStringSubmatch(line)[1]
		case strings.HasPrefix(line, "  }"):
			current = ""
		case !slices.Contains(promised, current):
		case eventHead.MatchString(line):
			members = append(members, current+".on "+eventHead.FindStringSubmatch(line)[1])
		case strings.HasPrefix(line, "    on(event: string"):
		case memberHead.MatchString(line):
			members = append(members, current+"."+memberHead.FindStringSubmatch(line)[1])
		}
	}
	slices.Sort(members)
	return slices.Compact(members)
}

// TestEachRowHasAScript holds the table, the declarations and the scripts
// against each other: what is declared has a row, and each row a script that
// runs sc several times and names what it covers.
func TestEachRowHasAScript(t *testing.T) {
	covered := map[string]bool{}
	for _, r := range apiRows {
		text, err := os.ReadFile(filepath.Join("testdata", "script", r.script+".txtar"))
		if err != nil {
			t.Errorf("%s has no script: %v", r.row, err)
			continue
		}
		if n := strings.Count(string(text), "exec sc run"); n < 2 && !strings.Contains(string(text), "--local") {
			t.Errorf("%s: %s.txtar starts %d scripts, want several processes", r.row, r.script, n)
		}
		for _, member := range r.covers {
			covered[member] = true
			name := member[strings.LastIndexAny(member, ". ")+1:]
			if !strings.Contains(string(text), name) {
				t.Errorf("%s: %s.txtar does not name %s", r.row, r.script, name)
			}
		}
	}
	declared := declaredMembers(t)
	if len(declared) < 60 {
		t.Fatalf("%d members were found in the declarations: %q", len(declared), declared)
	}
	for _, member := range declared {
		if !covered[member] {
			t.Errorf("%s is declared and has no row", member)
		}
	}
	for member := range covered {
		if !slices.Contains(declared, member) {
			t.Errorf("%s has a row and is not declared", member)
		}
	}
}

package main

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"time"

	"supercluster/jsapi"
	"supercluster/net/cluster"
	"supercluster/net/link"
	"supercluster/pkg/prom"
)

const contentType = prom.ContentType

// metricsPage is what 'sc help metrics' describes.
func metricsPage(st jsapi.Stats, began time.Time) []byte {
	var p prom.Page
	p.Gauge("sc_build_info", "Always 1; the labels say what runs.")
	p.Value(1, "version", version, "goversion", runtime.Version())
	writeNodes(&p, st)
	writeTasks(&p, st)
	writeExecutors(&p, st)
	writeNetwork(&p, st)
	writeTrackers(&p, st)
	use := cluster.Process()
	p.Counter("process_cpu_seconds_total", "Processor time of this process, without its executors.")
	p.Value(use.CPU.Seconds())
	p.Gauge("process_resident_memory_bytes", "Memory of this process, without its executors.")
	p.Value(float64(use.Memory))
	p.Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.")
	p.Value(float64(began.UnixMilli()) / 1000)
	p.Gauge("go_goroutines", "Goroutines of this process.")
	p.Value(float64(use.Goroutines))
	return p.Bytes()
}

// A labelled counts by the values of two labels.
type labelled map[[2]string]float64

// write writes the counts in order of their labels.
func (l labelled) write(p *prom.Page, names ...string) {
	keys := slices.SortedFunc(maps.Keys(l), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, k := range keys {
		var labels []string
		for i, n := range names {
			labels = append(labels, n, k[i])
		}
		p.Value(l[k], labels...)
	}
}

// ownNodes are the nodes of this process.
func ownNodes(st jsapi.Stats) (list []cluster.NodeStats) {
	for _, n := range st.Networks {
		list = append(list, n.Mesh.Nodes...)
	}
	return list
}

func writeNodes(p *prom.Page, st jsapi.Stats) {
	others, own := make(labelled), make(labelled)
	var slots, busy, taken float64
	for _, n := range st.Networks {
		for _, peer := range n.Mesh.Peers {
			others[[2]string{peer.Role, peerState(peer)}]++
		}
		for role, count := range n.Mesh.Unlinked {
			others[[2]string{role, "unlinked"}] += float64(count)
		}
	}
	for _, n := range ownNodes(st) {
		own[[2]string{n.Role}]++
		if n.Role == cluster.RoleWorker {
			slots, busy, taken = slots+float64(n.Figures.Slots), busy+float64(n.Figures.Running), taken+n.Figures.Busy.Seconds()
		}
	}
	if n := len(st.Trackers); n > 0 {
		own[[2]string{cluster.RoleTracker}] = float64(n)
	}
	p.Gauge("sc_nodes", "Nodes of other processes that this one knows: available, off or draining if they are linked, else unlinked.")
	others.write(p, "role", "state")
	p.Gauge("sc_own_nodes", "Nodes of this process.")
	own.write(p, "role")
	p.Gauge("sc_slots", "Tasks that the workers of this process run at once.")
	p.Value(slots)
	p.Gauge("sc_slots_busy", "Slots that a task has.")
	p.Value(busy)
	p.Counter("sc_slots_busy_seconds_total", "Time that slots were in use, all added up.")
	p.Value(taken)
}

// peerState is a word for what a node that is linked takes.
func peerState(peer cluster.Peer) string {
	switch {
	case peer.Draining:
		return "draining"
	case !peer.Available && peer.Role == cluster.RoleWorker:
		return "off"
	}
	return "available"
}

// writeTasks writes what masters and workers have counted. A task counts at
// its master, and each attempt of it at a worker.
func writeTasks(p *prom.Page, st jsapi.Stats) {
	type key struct{ role, function string }
	ended, failed := make(map[key]float64), make(map[key]float64)
	live := make(map[key]labelled)
	runs := make(map[string]cluster.Durations)
	for _, n := range ownNodes(st) {
		if n.Role == cluster.RoleTracker {
			continue
		}
		for _, f := range n.Functions {
			k := key{n.Role, f.Name}
			ended[k] += float64(f.Done - f.Failed)
			failed[k] += float64(f.Failed)
			if live[k] == nil {
				live[k] = make(labelled)
			}
			for state, count := range f.Live {
				live[k][[2]string{state}] += float64(count)
			}
		}
		d := runs[n.Role]
		d.Add(n.Runs)
		runs[n.Role] = d
	}
	keys := slices.SortedFunc(maps.Keys(ended), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.function, b.function))
	})
	p.Gauge("sc_tasks", "Tasks that have not ended, by function (50 of them, then \"(other)\") and state: at their master, and their attempts at workers.")
	for _, k := range keys {
		for _, state := range slices.Sorted(maps.Keys(stateNames(live[k]))) {
			p.Value(live[k][[2]string{state}], "role", k.role, "function", k.function, "state", state)
		}
	}
	p.Counter("sc_tasks_ended_total", "Tasks that ended: done, or failed, which those that were cancelled count as.")
	for _, k := range keys {
		p.Value(ended[k], "role", k.role, "function", k.function, "outcome", "done")
		p.Value(failed[k], "role", k.role, "function", k.function, "outcome", "failed")
	}
	p.Histogram("sc_task_run_seconds", "How long tasks ran.")
	bounds := make([]float64, len(cluster.RunBounds))
	for i, b := range cluster.RunBounds {
		bounds[i] = b.Seconds()
	}
	for _, role := range slices.Sorted(maps.Keys(runs)) {
		d := runs[role]
		p.Bucketed(bounds, d.Counts[:], d.Sum.Seconds(), "role", role)
	}
}

func stateNames(l labelled) map[string]bool {
	names := make(map[string]bool, len(l))
	for k := range l {
		names[k[0]] = true
	}
	return names
}

func writeExecutors(p *prom.Page, st jsapi.Stats) {
	var alive, busy int
	var started, lost uint64
	for _, e := range st.Pools {
		alive, busy, started, lost = alive+e.Alive, busy+e.Busy, started+e.Started, lost+e.Ended
	}
	p.Gauge("sc_executors", "Child processes that tasks run in.")
	p.Value(float64(busy), "state", "busy")
	p.Value(float64(max(alive-busy, 0)), "state", "idle")
	p.Counter("sc_executors_started_total", "Executors that were ready.")
	p.Value(float64(started))
	p.Counter("sc_executors_respawned_total", "Executors that ended, most by the task they ran, and that another took the place of.")
	p.Value(float64(lost))
}

func writeNetwork(p *prom.Page, st jsapi.Stats) {
	var l link.Stats
	var announced, heard uint64
	for _, n := range st.Networks {
		l.Links, l.Relayed, l.Opened = l.Links+n.Link.Links, l.Relayed+n.Link.Relayed, l.Opened+n.Link.Opened
		l.SentBytes, l.ReceivedBytes = l.SentBytes+n.Link.SentBytes, l.ReceivedBytes+n.Link.ReceivedBytes
		l.SentPackets, l.ReceivedPackets = l.SentPackets+n.Link.SentPackets, l.ReceivedPackets+n.Link.ReceivedPackets
		l.LostPackets += n.Link.LostPackets
		announced, heard = announced+n.Mesh.Announced, heard+n.Mesh.Heard
	}
	p.Gauge("sc_links", "QUIC connections to other nodes.")
	p.Value(float64(l.Links-l.Relayed), "path", "direct")
	p.Value(float64(l.Relayed), "path", "relayed")
	for _, c := range []struct {
		name, help string
		value      uint64
	}{
		{"sc_links_opened_total", "Connections that there were.", l.Opened},
		{"sc_link_sent_bytes_total", "Bytes sent to other nodes, without the headers of UDP and IP.", l.SentBytes},
		{"sc_link_received_bytes_total", "Bytes received from other nodes.", l.ReceivedBytes},
		{"sc_link_sent_packets_total", "Packets sent to other nodes.", l.SentPackets},
		{"sc_link_received_packets_total", "Packets received from other nodes.", l.ReceivedPackets},
		{"sc_link_lost_packets_total", "Packets that were sent and given up.", l.LostPackets},
		{"sc_announcements_sent_total", "Times that the nodes of this process were announced.", announced},
		{"sc_announcements_heard_total", "Announcements of nodes that came in.", heard},
	} {
		p.Counter(c.name, c.help)
		p.Value(float64(c.value))
	}
}

func writeTrackers(p *prom.Page, st jsapi.Stats) {
	if len(st.Trackers) == 0 {
		return
	}
	listed := make(labelled)
	var requests, refused, bytes uint64
	relays := 0
	for _, t := range st.Trackers {
		for role, n := range t.Listed {
			listed[[2]string{role}] += float64(n)
		}
		requests, refused, bytes, relays = requests+t.Requests, refused+t.Refused, bytes+t.RelayedBytes, relays+t.Relays
	}
	p.Gauge("sc_tracker_nodes", "Nodes that the tracker lists.")
	listed.write(p, "role")
	p.Counter("sc_tracker_requests_total", "Requests to the tracker; refused are those turned away for who asked, or how often.")
	p.Value(float64(requests-refused), "outcome", "taken")
	p.Value(float64(refused), "outcome", "refused")
	p.Gauge("sc_tracker_relays", "Pairs of nodes whose packets the tracker relays.")
	p.Value(float64(relays))
	p.Counter("sc_tracker_relayed_bytes_total", "Bytes that it relayed.")
	p.Value(float64(bytes))
}

package main

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"supercluster/net/netlab"
)

// BenchmarkDiscovery starts and ends workers in processes of their own and
// measures start, until the worker says that it listens, and from a master's
// point of view: seen, from then to workerAvailable; leave, from SIGINT to
// workerUnavailable; and killed, from SIGKILL. Run it with -benchtime 50x; every tenth worker is
// killed instead of leaving. It prints the distribution of each, in
// milliseconds.
func BenchmarkDiscovery(b *testing.B) {
	b.Run("same host", func(b *testing.B) {
		host := netlab.New(b).Host("laptop")
		comeAndGo(b, host, host)
	})
	b.Run("LAN", func(b *testing.B) {
		lab := netlab.New(b)
		lan := lab.Subnet("10.88.0.0/24")
		comeAndGo(b, lab.Host("m", lan), lab.Host("w", lan))
	})
}

// comeAndGo does what BenchmarkDiscovery says for b.N workers.
func comeAndGo(b *testing.B, master, worker *netlab.Host) {
	sc := program(b)
	m := read(b, master.Command(sc, "run", script(b, watchJS)))
	times := make(map[string][]time.Duration)
	for i := range b.N {
		cmd := worker.Command(sc, "worker", "--slots=1")
		said := newWatcher("listens on")
		cmd.Stderr = said
		born := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		<-said.seen
		begin := time.Now()
		times["start"] = append(times["start"], begin.Sub(born))
		m.await("up")
		times["seen"] = append(times["seen"], time.Since(begin))
		end(b, cmd, m, times, i%10 == 9)
	}
	for what, list := range times {
		slices.Sort(list)
		for _, p := range []float64{0.5, 0.9, 0.99, 1} {
			name := "p" + strconv.Itoa(int(p*100))
			b.ReportMetric(float64(percentile(list, p))/float64(time.Millisecond), what+"-"+name+"-ms")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// end ends a worker and measures until the master knows.
func end(b *testing.B, cmd *exec.Cmd, m *reader, times map[string][]time.Duration, kill bool) {
	b.Helper()
	what, signal := "leave", os.Interrupt
	if kill {
		what, signal = "killed", os.Kill
	}
	begin := time.Now()
	if err := cmd.Process.Signal(signal); err != nil {
		b.Fatal(err)
	}
	m.await("down")
	times[what] = append(times[what], time.Since(begin))
	_ = cmd.Wait() // it was told to end
}

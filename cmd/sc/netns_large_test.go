package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"supercluster/net/netlab"
)

// TestLargeValueLeavesOnceAWorker: a typed array given to 30 tasks on 3 workers goes over the master's cable three times.
// SC_LONG=1 makes it 200 MB.
func TestLargeValueLeavesOnceAWorker(t *testing.T) {
	size := 16 << 20
	if os.Getenv("SC_LONG") != "" {
		size = 200 << 20
	}
	lab := netlab.New(t)
	lan := lab.Subnet("10.79.0.0/24")
	sc := program(t)
	for _, name := range []string{"w1", "w2", "w3"} {
		startWorker(t, lab.Host(name, lan), sc, "--slots=1")
	}
	script := filepath.Join(t.TempDir(), "large.js")
	text := fmt.Sprintf(`
		const master = require('supercluster').createMaster();
		const big = new Float64Array(%d / 8).fill(0.5);
		const used = new Set();
		(async () => {
		  const all = [...Array(30)].map(async (_, i) => {
		    const [sum, id] = await master.run((a, i) => [a[0] + a[a.length - 1] + i, task.worker.id], [big, i]);
		    if (sum !== i + 1) throw new Error('sum ' + sum);
		    used.add(id);
		  });
		  await Promise.all(all);
		  console.log(used.size + ' workers');
		  await master.leave();
		})();`, size)
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	host := lab.Host("m", lan)
	before := sentBytes(t, host, lan)
	if got, _ := run(t, host.Command(sc, "run", waitFor(t, 3, script))); got != "3 workers\n" {
		t.Fatalf("printed %q, want the tasks spread over 3 workers", got)
	}
	sent := sentBytes(t, host, lan) - before
	if once := float64(sent) / float64(size); once < 3 || once > 3.6 {
		t.Errorf("the master sent %d bytes, %.2f times the value, want 3 times and what goes with it", sent, once)
	}
}

// sentBytes is how many bytes have left host over its cable to the subnet.
func sentBytes(t *testing.T, host *netlab.Host, s *netlab.Subnet) int {
	t.Helper()
	out, _ := run(t, host.Command("cat", "/sys/class/net/"+host.Interface(s)+"/statistics/tx_bytes"))
	n, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// bombsJS gives a worker all bombs of a file, two at a time, and honest tasks of its own beside them. It says what each bomb came to,
// how many honest tasks were right, and whether the worker was ever lost.
const bombsJS = `
const fs = require('fs');
const master = require('supercluster').createMaster();
const bombs = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter((line) => line && !/^[#[]/.test(line));
const timeout = Number(process.argv[3]);
let lost = 0, right = 0, over = false;
master.on('workerUnavailable', () => { lost++; });
master.once('workerAvailable', async () => {
  const honest = (async () => {
    for (let i = 0; !over; i++) {
      const got = await master.run((i) => ({ i, twice: [i, 2 * i] }), [i]);
      if (JSON.stringify(got) !== JSON.stringify({ i, twice: [i, 2 * i] })) throw new Error('an honest task gave ' + JSON.stringify(got));
      right++;
    }
  })();
  const each = async () => {
    for (let source; (source = bombs.shift());) {
      const began = Date.now();
      // The task reads it: some keep a compiler busy for ever.
      const said = await master.run((source) => (0, eval)('(' + source + ')')(), [source], { timeout }).then(() => 'value', (err) => err.code || err.name);
      console.log('bomb', said, Date.now() - began, source);
    }
  };
  await Promise.all([each(), each()]);
  over = true;
  await honest;
  console.log('right', right, 'lost', lost);
  process.exit(0);
});
`

// treeMemory is what a process and all below it have resident, in bytes.
func treeMemory(t *testing.T, pid int) (sum int64) {
	t.Helper()
	for _, p := range append([]int{pid}, childrenOf(t, pid)...) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p))
		if err != nil {
			continue // it has ended
		}
		var size, resident int64
		if _, err := fmt.Sscan(string(b), &size, &resident); err == nil {
			sum += resident * int64(os.Getpagesize())
		}
	}
	return sum
}

// TestBombsOnAWorker gives each row of the design's tables of harmful functions to a worker that runs other tasks: each gives an
// error in time, the link to the worker stays, the other tasks are right, and the worker's tree stays within its memory.
func TestBombsOnAWorker(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes a quarter of a minute, and more memory with the race detector")
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	const slots, memory = 3, 256 << 20
	sc, broadcast := program(t), fmt.Sprint("--broadcast-port=", port)
	worker := exec.Command(sc, "worker", fmt.Sprint("--slots=", slots), "--limit-memory=256MB", "--limit-output=16MB", "--limit-result=64MB", broadcast)
	said := newWatcher("listens on")
	worker.Stderr = said
	start(t, worker)
	<-said.seen
	bombs, err := filepath.Abs(filepath.Join("..", "..", "vm", "executor", "testdata", "bombs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, exec.Command(sc, "run", broadcast, script(t, bombsJS), bombs, "300"))
	ended := make(chan struct{})
	most := make(chan int64)
	go func() { // measures until the master has ended
		var max int64
		for {
			select {
			case <-ended:
				most <- max
				return
			case <-time.After(5 * time.Millisecond):
			}
			if n := treeMemory(t, worker.Process.Pid); n > max {
				max = n
			}
		}
	}()
	n := 0
	for line := range m.lines {
		m.seen = append(m.seen, line)
		if strings.HasPrefix(line, "right ") {
			break
		}
		var code, source string
		var ms int
		if _, err := fmt.Sscanf(line, "bomb %s %d", &code, &ms); err != nil {
			continue
		}
		source = line[strings.Index(line, "("):]
		n++
		if code == "value" || code == "ERR_WORKER_LOST" || code == "ERR_TASK_KILLED" || code == "ERR_UNKNOWN_OUTCOME" {
			t.Errorf("%s: %s", source, code)
		}
		if ms > 60_000 { // deadline and a second, of which a machine that has other work makes more
			t.Errorf("%s: ended after %d ms", source, ms)
		}
	}
	close(ended)
	max := <-most
	last := m.seen[len(m.seen)-1]
	right := regexp.MustCompile(`^right (\d+) lost 0$`).FindStringSubmatch(last)
	if right == nil || right[1] == "0" {
		t.Errorf("the honest tasks: %q, want some, and no worker lost", last)
	}
	if n < 80 {
		t.Errorf("%d bombs were thrown, want all of the file", n)
	}
	t.Logf("%d bombs; %s; the worker and its executors had %d MiB at most", n, last, max>>20)
	// A worker, and of executors the running ones at their limit, which leaves 192 MiB to the runtime, beside idle ones.
	if limit := int64(slots)*(memory+192<<20) + 512<<20; max > limit {
		t.Errorf("the worker and its executors had %d MiB, want less than %d", max>>20, limit>>20)
	}
	if strings.Contains(said.String(), "panic") || strings.Contains(said.String(), "goroutine ") {
		t.Errorf("the worker said:\n%.4000s", said)
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"supercluster/pkg/nodepkg"
)

// starts measures a script that prints one word, from the start of its process
// to the end, in turn with node.
func (s *suite) starts(ctx context.Context) error {
	const name = "sc run hello.js, start to end"
	script, err := s.script("hello.js", "console.log('hello')\n")
	if err != nil {
		return err
	}
	took := func(path string, args ...string) (float64, error) {
		begin := time.Now()
		_, err := s.run(ctx, path, args...)
		return micros(time.Since(begin)) / 1000, err
	}
	return s.beside(name, "ms", 1, .3, 3, func(path string, args ...string) (float64, error) { return took(path, append(args, script)...) })
}

// strings measures a script that builds a string, as it says itself.
func (s *suite) strings(ctx context.Context) error {
	const name = "a string of 200,000 appends"
	script, err := s.script("strings.js", `const begin = performance.now();
function build(n) { let s = ''; for (let i = 0; i < n; i++) s += 'x' + i; return s.length; }
if (build(200000) !== 1288890) throw new Error('wrong length');
console.log(performance.now() - begin);
`)
	if err != nil {
		return err
	}
	return s.beside(name, "ms", 5, 2, 1, func(path string, args ...string) (float64, error) {
		words, err := s.run(ctx, path, append(args, script)...)
		if err != nil || len(words) != 1 {
			return 0, fmt.Errorf("bench: strings.js printed %q: %w", words, err)
		}
		return strconv.ParseFloat(words[0], 64)
	})
}

// beside measures a program of ours in turn with node, if node is here.
func (s *suite) beside(name, unit string, goal, aim float64, times int, measure func(path string, args ...string) (float64, error)) error {
	node := nodepkg.FindTools(s.env.getenv("PATH"))[nodepkg.Node]
	var ours, theirs []float64
	for range times*s.runs + 1 { // the first warms up
		v, err := measure(executorArgs()[0], "run")
		if err != nil {
			return err
		}
		ours = append(ours, v)
		if node == "" {
			continue
		}
		if v, err = measure(node); err != nil {
			return err
		}
		theirs = append(theirs, v)
	}
	if node == "" {
		if err := s.figure(name, unit, ours[1:], nil); err != nil {
			return err
		}
		return s.missing(name+", against node", "there is no node on PATH")
	}
	return s.figure(name, unit, ours[1:], theirs[1:], against("node", goal, aim))
}

// maps measures map over many small items, from a script with one worker,
// against what the raw echo carries in batches.
func (s *suite) maps(ctx context.Context) error {
	items := 100000
	if s.quick {
		items = 5000
	}
	script, err := s.script("map.js", fmt.Sprintf(`const master = require('supercluster').createMaster();
(async () => {
  const items = Array.from({ length: %d }, (_, i) => i);
  await master.run(() => 1);
  for (let run = 0; run <= %d; run++) {
    const begin = performance.now();
    const out = await master.map(items, (x) => x * 2);
    if (out.length !== items.length || out[out.length - 1] !== 2 * (items.length - 1)) throw new Error('wrong results');
    if (run > 0) console.log(items.length / (performance.now() - begin) * 1000);
  }
  await master.leave();
})();
`, items, s.runs))
	if err != nil {
		return err
	}
	return s.cluster(ctx, 1, processWorker, func(ctx context.Context, c *benchCluster) error {
		raw, stop, err := s.echo(ctx)
		if err != nil {
			return err
		}
		defer stop()
		var base, ours []float64
		batch := func() error {
			rate, err := raw.Batch(addArgs(), s.time)
			base = append(base, rate)
			return err
		}
		for range s.runs { // half before, half after
			if err := batch(); err != nil {
				return err
			}
		}
		words, err := s.run(ctx, executorArgs()[0], "run", "--cluster="+c.name, fmt.Sprintf("--broadcast-port=%d", s.port), script)
		if err != nil {
			return err
		}
		for _, word := range words {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				return fmt.Errorf("bench: map.js printed %q", word)
			}
			ours = append(ours, v)
		}
		if len(ours) != s.runs {
			return fmt.Errorf("bench: map.js printed %d figures, want %d", len(ours), s.runs)
		}
		for range s.runs {
			if err := batch(); err != nil {
				return err
			}
		}
		for i := range ours {
			base[i] = (base[i] + base[len(base)-1-i]) / 2
		}
		return s.figure(fmt.Sprintf("map of %d small items, one executor", items), "items/s", ours, base[:len(ours)], against("raw QUIC echo in batches", .5, 1))
	})
}

// memory measures what waits: a worker, its executor, and a link to a master.
func (s *suite) memory(ctx context.Context) error {
	names := []string{"idle worker without executors, resident", "idle executor, private", "idle link to a master, at its worker"}
	if _, err := residentKiB(os.Getpid()); err != nil {
		for _, name := range names {
			if err := s.missing(name, err.Error()); err != nil {
				return err
			}
		}
		return nil
	}
	masters := 100
	if s.quick {
		masters = 10
	}
	var workers, executors, links []float64
	for range s.runs {
		err := s.cluster(ctx, 1, vmWorker, func(ctx context.Context, c *benchCluster) error {
			before, err := residentKiB(c.workers[0].Pid())
			if err != nil {
				return err
			}
			workers = append(workers, before/1024)
			for range masters {
				m, err := c.session.OpenMaster()
				if err == nil {
					err = c.await(ctx, m, 1)
				}
				if err != nil {
					return err
				}
			}
			after, err := residentKiB(c.workers[0].Pid())
			links = append(links, (after-before)/float64(masters))
			return err
		})
		if err != nil {
			return err
		}
		err = s.cluster(ctx, 1, processWorker, func(ctx context.Context, c *benchCluster) error {
			if _, err := c.flood(ctx, addCode, addArgs(), 1, time.Millisecond); err != nil { // so one is ready
				return err
			}
			private, err := childPrivateKiB(c.workers[0].Pid())
			executors = append(executors, private/1024)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.figure(names[0], "MiB", workers, nil, within(20, 15)); err != nil {
		return err
	}
	if err := s.figure(names[1], "MiB", executors, nil, within(8, 4)); err != nil {
		return err
	}
	return s.figure(names[2], "KiB", links, nil)
}

package nodepool

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"supercluster/pkg/proc"
)

const (
	// leastNode is the first version of node with permissions.
	leastNode = 20
	// probeTime is how long node may take to say what it is.
	probeTime = 30 * time.Second
	// patience is for how long a node that could not be used is not tried again.
	patience = time.Minute
)

// engine is what node says of itself: the program behind it, if a version manager put another in its place, and the flag
// by which it gives up files and processes.
type engine struct{ Exec, Version, Flag string }

const probeProgram = `const f=process.allowedNodeEnvironmentFlags;` +
	`console.log(JSON.stringify({Exec:process.execPath,Version:process.versions.node,` +
	`Flag:['--permission','--experimental-permission'].find((n)=>f.has(n))||''}))`

// probe asks node what it is, once.
func (p *Pool) probe(ctx context.Context) (engine, error) {
	p.probing.Lock()
	defer p.probing.Unlock()
	if p.node.Exec != "" {
		return p.node, nil
	}
	if p.unfit != nil && time.Since(p.tried) < patience {
		return engine{}, p.unfit
	}
	e, err := ask(ctx, p.cfg.Node)
	if ctx.Err() != nil {
		return e, ctx.Err()
	}
	p.node, p.unfit, p.tried = e, err, time.Now()
	return e, err
}

// ask runs node, with an empty environment.
func ask(ctx context.Context, path string) (engine, error) {
	var out bytes.Buffer
	started, err := proc.Start(proc.Config{Path: path, Args: []string{"-e", probeProgram}, Dir: rootDir(), Stdout: &out})
	if err != nil {
		return engine{}, err
	}
	late := time.AfterFunc(probeTime, started.Kill)
	defer late.Stop()
	defer context.AfterFunc(ctx, started.Kill)()
	st := started.Wait()
	var e engine
	if json.Unmarshal(out.Bytes(), &e) != nil || e.Exec == "" {
		return engine{}, fmt.Errorf("%s does not say what it is: it %v: %.200s", path, st, strings.TrimSpace(started.Tail()))
	}
	major, _, _ := strings.Cut(e.Version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < leastNode || e.Flag == "" {
		return engine{}, fmt.Errorf("%s is version %s, without permissions: version %d or later has them", path, e.Version, leastNode)
	}
	return e, nil
}

package jsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
	"supercluster/pkg/nodepkg"
	"supercluster/vm"
)

// codeUntrusted is that of what a master sends to members of its cluster only.
const codeUntrusted = "ERR_PEER_UNTRUSTED"

// packageCode is native.package(call, spec, fn, workerIds): a package as it
// travels. spec is what supercluster_package.js made of a task object. A
// package that no worker could run is an error that says why.
func (m *nativeMaster) packageCode(call goja.FunctionCall) goja.Value {
	s := m.script
	name := call.Argument(0).String()
	code := &packedCode{sentFrom: s.userFrames(4)}
	p, err := m.readPackage(name, call.Argument(1), code)
	if err != nil {
		s.throw(err)
	}
	if fn := call.Argument(2); !isMissing(fn) {
		f, err := vm.FunctionOf(s.rt, fn, s.locate())
		if err != nil {
			s.throw(&optionError{"ERR_NOT_SENDABLE", fmt.Sprintf("%s: %v", name, err)})
		}
		p.Code, code.env = f.Encode(), f.Env
		if code.name == "" {
			code.name = f.Name
		}
	}
	if err := p.Check(); err != nil {
		s.throw(packageError(name, err))
	}
	code.needs, code.bytes = p.Needs(), p.Encode()
	var ids []string
	if err := s.rt.ExportTo(call.Argument(3), &ids); err != nil {
		s.throw(err)
	}
	if err := m.place(name, "run the package", func(p cluster.Peer) (string, string) { return lacks(p, code.needs) }, ids); err != nil {
		s.throw(err)
	}
	return s.rt.ToValue(code)
}

// readPackage reads the fields of a package, and the files that travel with it.
func (m *nativeMaster) readPackage(call string, v goja.Value, code *packedCode) (*nodepkg.Package, error) {
	p := &nodepkg.Package{}
	var manifest, bundle string
	err := readOptions(m.script.rt, call, v, map[string]field{
		"name": stringField(&code.name), "manifest": stringField(&manifest), "bundle": stringField(&bundle),
		"repository": stringField(&p.Repository), "ref": stringField(&p.Ref), "dir": stringField(&p.Dir), "file": stringField(&p.File),
		"export": stringField(&p.Export), "cwd": stringField(&p.Cwd), "pre": stringField(&p.Pre), "cmd": stringField(&p.Cmd),
		"post": stringField(&p.Post), "keep": boolField(&p.Keep), "output": boolField(&p.Output),
	})
	if err != nil {
		return nil, err
	}
	p.Manifest = []byte(manifest)
	if bundle != "" {
		if p.File, p.Bundle, err = m.script.source.Bundle(bundle, p.Export == ""); err != nil {
			return nil, &optionError{"ERR_NOT_SENDABLE", fmt.Sprintf("%s: %v", call, err)}
		}
	}
	return p, nil
}

// packageError is an error of nodepkg's as a script sees it.
func packageError(call string, err error) error {
	var e *nodepkg.Error
	if errors.As(err, &e) {
		return &cluster.Error{Code: e.Code, Message: call + ": " + e.Error()}
	}
	return err
}

// workerTools is what a worker says that it has.
func workerTools(p cluster.Peer) (tools []nodepkg.Tool) {
	var host struct{ Tools []nodepkg.Tool }
	if json.Unmarshal(p.Host, &host) != nil {
		return nil
	}
	return host.Tools
}

// lacks says why a worker cannot be given a package with those needs: an error
// code and the reason; "" if it can.
func lacks(p cluster.Peer, needs []nodepkg.Tool) (code, why string) {
	if !p.Member {
		return codeUntrusted, "it is not a member of this cluster: packages go to holders of the cluster's key only"
	}
	have := workerTools(p)
	var missing []nodepkg.Tool
	for _, n := range needs {
		if !slices.Contains(have, n) {
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 {
		return cluster.CodeNoWorker, nodepkg.Missing(missing)
	}
	return "", ""
}

// servesPackages makes a Spec.Eligible of what a package needs. That a worker
// cannot serve it is told once a worker: the package may wait for another one.
func (s *Session) servesPackages(needs []nodepkg.Tool, also func(cluster.Peer) bool) func(cluster.Peer) bool {
	return func(p cluster.Peer) bool {
		code, why := lacks(p, needs)
		if code != "" {
			s.tellOnce(fmt.Sprintf("worker %s cannot run packages: %s", p.ID[:7], why))
		}
		return code == "" && (also == nil || also(p))
	}
}

// place reports why none of the workers that are here, or one that was named,
// can do what is asked of it. Where nobody is here yet, somebody may come.
func (m *nativeMaster) place(call, what string, lacks func(cluster.Peer) (code, why string), ids []string) error {
	workers := m.master.Workers()
	var reasons []string
	first := ""
	for _, p := range workers {
		if len(ids) > 0 && ids[0] != "" && !slices.Contains(ids, p.ID) {
			continue
		}
		why, text := lacks(p)
		named := slices.Contains(ids, p.ID)
		switch {
		case why == "" && !named:
			return nil
		case why == "":
			continue
		case first == "":
			first = why
		}
		reasons = append(reasons, fmt.Sprintf("worker %s cannot %s: %s", p.ID[:7], what, text))
		if named {
			break
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return &cluster.Error{Code: first, Message: call + ": " + strings.Join(reasons[:min(len(reasons), 5)], "; ")}
}

// onPhase posts to the script what a package does.
func (t *scriptTask) onPhase(p cluster.Peer, phase string) {
	t.script.loop.Post(func() {
		if t.watched {
			t.tellSteps() // it was received before that
		}
		t.call(t.on.phase, phase, p.ID)
	})
}

// packageResult makes an object of what a package gave.
func (t *scriptTask) packageResult(o cluster.Outcome) (goja.Value, error) {
	r, err := nodepkg.DecodeResult(o.Value)
	if err != nil {
		return nil, err
	}
	data, err := t.script.decode(r.Data, func() string { return t.tail(o) })
	if err != nil {
		return nil, err
	}
	members := map[string]any{"exitCode": r.ExitCode, "data": data}
	if r.Output {
		members["stdout"], members["stderr"] = r.Stdout, r.Stderr
	}
	if r.Path != "" {
		members["path"] = r.Path
	}
	return t.script.object(members), nil
}

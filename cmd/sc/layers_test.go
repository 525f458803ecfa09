package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "supercluster"

// layers is the architecture: which package of ours may import which others
// of ours, and which foreign modules it alone may import, tests aside. A
// package that is missing here is an error, so each new one is a decision.
var layers = map[string]struct {
	ours  []string // "*" stands for every package that is listed further down
	alone []string // foreign import paths and what lies below them
}{
	"cmd/sc":       {ours: []string{"*"}},
	"jsapi":        {ours: []string{"*"}, alone: []string{"goja"}},
	"jsapi/prompt": {ours: []string{"vm", "jsapi/loader", "jsapi/node"}, alone: []string{"goja"}},
	"jsapi/loader": {ours: []string{"vm", "js"}, alone: []string{"goja", "esbuild", "sourcemap"}},
	"jsapi/node":   {ours: []string{"jsapi/node/crypto", "jsapi/node/secure", "vm", "js", "pkg/proc", "pkg/errno", "pkg/stat"}, alone: []string{"goja"}},
	"net/cluster":  {ours: []string{"discovery", "net/link", "net/wire", "net/trust", "vm/value", "pkg/spell"}},
	"net/link":     {ours: []string{"net/wire", "net/trust"}, alone: []string{"quic"}},
	"net/trust":    {alone: []string{"crypto"}},

	"jsapi/node/secure": {ours: []string{"jsapi/node/crypto"}},
	"jsapi/node/crypto": {alone: []string{"crypto"}},

	"discovery/beacon":  {ours: []string{"discovery", "net/wire", "net/trust", "vm/value"}},
	"discovery/tracker": {ours: []string{"discovery", "discovery/lookup", "net/relay", "net/trust"}},
	"discovery/lookup":  {ours: []string{"pkg/proc"}},
	"discovery":         {},

	"vm/grant":    {ours: []string{"vm/value", "pkg/proc", "pkg/errno", "pkg/stat"}},
	"vm/executor": {ours: []string{"vm", "vm/value", "pkg/proc"}},
	"vm":          {ours: []string{"js", "vm/value"}, alone: []string{"goja", "sourcemap"}},
	"pkg/nodepkg": {ours: []string{"pkg/proc", "vm/value", "js"}},
	"pkg/proc":    {alone: []string{"exec"}},
	"net/rawecho": {alone: []string{"quic"}},
	"net/relay":   {},
	"net/wire":    {ours: []string{"vm/value"}},
	"vm/value":    {alone: []string{"msgpack"}},
	"js":          {alone: []string{"embed"}},
	"pkg/spell":   {},
	"pkg/prom":    {},
	"pkg/errno":   {},
	"pkg/stat":    {},

	"pkg/nodepool": {ours: []string{"pkg/proc", "vm/value", "js"}},

	// Only tests import these two.
	"net/netlab":              {alone: []string{"exec"}},
	"discovery/discoverytest": {ours: []string{"discovery", "net/trust"}},
}

// reserved names the foreign imports that only some packages may have.
var reserved = map[string][]string{
	"goja":      {"github.com/dop251/goja"},
	"esbuild":   {"github.com/evanw/esbuild"},
	"sourcemap": {"github.com/go-sourcemap/sourcemap"},
	"quic":      {"github.com/quic-go/quic-go"},
	"crypto":    {"golang.org/x/crypto"},
	"msgpack":   {"github.com/vmihailenco/msgpack"},
	"exec":      {"os/exec"},
	"embed":     {"embed"},
}

type goPackage struct {
	ImportPath string
	Doc        string
	Imports    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

func TestImportsFollowTheLayers(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		rule, ok := layers[name]
		if !ok {
			t.Errorf("package %s has no row in the table of layers", name)
			continue
		}
		if p.Doc == "" {
			t.Errorf("package %s has no package comment", name)
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, module+"/"); ok {
				testOnly := ours == "net/netlab" || ours == "discovery/discoverytest"
				if testOnly || !slices.Contains(rule.ours, ours) && !slices.Contains(rule.ours, "*") {
					t.Errorf("%s imports %s, which its layer may not", name, ours)
				}
				continue
			}
			for word, paths := range reserved {
				for _, path := range paths {
					if (imp == path || strings.HasPrefix(imp, path+"/")) && !slices.Contains(rule.alone, word) {
						t.Errorf("%s imports %s, which is kept to other packages", name, imp)
					}
				}
			}
		}
	}
}

// TestNamespaceFolders keeps net/ and pkg/ free of Go files of their own, so
// that the standard library's net is never shadowed.
func TestNamespaceFolders(t *testing.T) {
	for _, dir := range []string{"net", "pkg"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil || len(files) > 0 {
			t.Errorf("%s/ holds Go files: %v %v", dir, files, err)
		}
	}
}

func TestNoVagueFileNames(t *testing.T) {
	vague := []string{"util.go", "utils.go", "common.go", "helpers.go", "misc.go", "types.go"}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d os.DirEntry, err error) error {
		if err == nil && slices.Contains(vague, d.Name()) {
			t.Errorf("%s: name the file for the noun in it", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

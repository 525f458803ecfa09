package loader

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/go-sourcemap/sourcemap"

	"supercluster/vm"
)

// bundledNamespace is the export of a bundle that holds a module as import has it.
const bundledNamespace = "ns"

// maxBundle is how large, in bytes, a module with all that it requires may be.
const maxBundle = 32 << 20

// bundle is what stacks of a bundled module need: where its lines come from.
type bundle struct {
	dir    string
	source *sourcemap.Consumer
}

func dirOf(file string) string { return filepath.Dir(file) }

// bundleOf makes one module of the file and of all that it requires, in one text: as require has it, or in its export
// bundledNamespace as import has it. The same text is made only once.
func (l *Loader) bundleOf(path string, ns bool) (*vm.Function, error) {
	key := path + "\x00" + strconv.FormatBool(ns)
	if f, ok := l.bundles[key]; ok {
		return f, nil
	}
	entry := "module.exports = require(" + strconv.Quote(filepath.ToSlash(path)) + ");"
	if ns {
		entry = "import * as " + bundledNamespace + " from " + strconv.Quote(filepath.ToSlash(path)) + "; export { " + bundledNamespace + " };"
	}
	r := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: entry, ResolveDir: dirOf(path), Sourcefile: "entry.js"},
		Bundle: true, Format: api.FormatCommonJS, Platform: api.PlatformNeutral, Target: api.ESNext, Supported: unsupported(),
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude, Outfile: filepath.Join(dirOf(path), "bundle.js"),
		LegalComments: api.LegalCommentsNone, LogLevel: api.LogLevelSilent, LogLimit: 5, AbsWorkingDir: dirOf(path),
		Plugins: []api.Plugin{l.resolverPlugin()},
	})
	if len(r.Errors) > 0 {
		e, place := r.Errors[0], ""
		if at := e.Location; at != nil {
			place = fmt.Sprintf(" (%s:%d:%d)", at.File, at.Line, at.Column+1)
		}
		return nil, fmt.Errorf("the module %s cannot be sent: %s%s", path, e.Text, place)
	}
	var code, maps string
	for _, f := range r.OutputFiles {
		if strings.HasSuffix(f.Path, ".map") {
			maps = string(f.Contents)
		} else {
			code = dropHelpers(string(f.Contents))
		}
	}
	if len(code) > maxBundle {
		return nil, fmt.Errorf("the module %s takes %d bytes with all that it requires, limit %d", path, len(code), maxBundle)
	}
	sum := sha256.Sum256([]byte(code))
	name := "sc:module/" + hex.EncodeToString(sum[:6]) + "/" + filepath.Base(path)
	f := &vm.Function{Kind: vm.KindModule, Source: code, Pos: vm.Position{File: name, Line: 2}}
	l.bundles[key] = f
	if c, err := sourcemap.Parse("", []byte(maps)); err == nil {
		l.mu.Lock()
		l.units[name] = &unit{file: name, name: name, bundled: &bundle{dirOf(path), c}}
		l.mu.Unlock()
	}
	return f, nil
}

// resolverPlugin has esbuild find modules as the loader does. esbuild asks from several goroutines; the loop's waits.
func (l *Loader) resolverPlugin() api.Plugin {
	var mu sync.Mutex
	exts := l.hookExts()
	return api.Plugin{Name: "resolve", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			mu.Lock()
			defer mu.Unlock()
			q := request{dir: a.ResolveDir, from: a.Importer, exts: exts, conds: requireConds}
			if a.Kind == api.ResolveJSImportStatement || a.Kind == api.ResolveJSDynamicImport {
				q.conds, q.imp = importConds, true
			}
			if a.Importer == "" || !filepath.IsAbs(a.Importer) {
				q.from = filepath.Join(a.ResolveDir, "entry.js")
			}
			target, err := l.resolve(a.Path, q)
			if err != nil || !isPath(target) || filepath.Ext(target) == ".node" {
				return api.OnResolveResult{Path: a.Path, External: true}, nil // found to be missing when it is asked for
			}
			return api.OnResolveResult{Path: target, Namespace: "file"}, nil
		})
	}}
}

// position maps a place in the bundle, from 1, to the file that it comes from.
func (b *bundle) position(line, col int) (string, int, int, bool) {
	file, _, row, column, ok := b.source.Source(line-1, col-1) // the text begins on line 2
	if !ok {
		return "", 0, 0, false
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(b.dir, filepath.FromSlash(file))
	}
	return file, row, column + 1, true
}

package loader

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// nodeVersion is the oldest node that may have to run what is sent.
const nodeVersion = "18"

// mainTest is how CommonJS asks whether it is the main module; in a bundle the answer would always be no.
var mainTest = regexp.MustCompile(`\brequire\.main\s*={2,3}\s*module\b|\bmodule\s*={2,3}\s*require\.main\b`)

// Bundle makes one file for a real node of the file at path and of all that it requires: TypeScript and JSX too, but
// for node's own modules and native addons. A relative path is one of the current folder, or of the main module's. main
// says that it will be the main module there. It returns the name that the file should have, by which node tells how
// to run it.
func (l *Loader) Bundle(path string, main bool) (name string, text []byte, err error) {
	file, err := l.findFile(path)
	if err != nil {
		return "", nil, err
	}
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	r := buildForNode(file, api.FormatCommonJS, main)
	ext := ".cjs"
	if entryFormat(r.Metafile) == "esm" || len(r.Errors) > 0 && strings.HasPrefix(r.Errors[0].Text, tlaMessage) {
		r, ext = buildForNode(file, api.FormatESModule, main), ".mjs"
	}
	if len(r.Errors) > 0 {
		e := r.Errors[0]
		if e.Location != nil {
			return "", nil, fmt.Errorf("%s cannot be sent: %s (%s:%d:%d)", path, e.Text, e.Location.File, e.Location.Line, e.Location.Column+1)
		}
		return "", nil, fmt.Errorf("%s cannot be sent: %s", path, e.Text)
	}
	for _, f := range r.OutputFiles {
		if filepath.Ext(f.Path) == ".node" {
			return "", nil, fmt.Errorf("%s cannot be sent: it requires the native addon %s; name the package that it is from in package_json", path, filepath.Base(f.Path))
		}
		text = f.Contents
	}
	switch {
	case len(text) > maxBundle:
		return "", nil, fmt.Errorf("%s takes %d bytes with all that it requires, limit %d", path, len(text), maxBundle)
	case len(text) == 0:
		return "", nil, fmt.Errorf("%s cannot be sent: there is nothing in it", path)
	}
	return base + ext, text, nil
}

func buildForNode(file string, format api.Format, main bool) api.BuildResult {
	dir := filepath.Dir(file)
	options := api.BuildOptions{
		EntryPoints: []string{file}, Bundle: true, Format: format, Platform: api.PlatformNode, Metafile: true,
		Engines:  []api.Engine{{Name: api.EngineNode, Version: nodeVersion}},
		Loader:   map[string]api.Loader{".node": api.LoaderCopy},
		External: []string{"supercluster", "sc:supercluster", "nnet"}, LegalComments: api.LegalCommentsNone, LogLevel: api.LogLevelSilent, LogLimit: 5,
		AbsWorkingDir: dir, Outdir: dir,
	}
	if format == api.FormatESModule { // what is CommonJS in it asks for the require that such a module lacks
		options.Banner = map[string]string{"js": "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"}
	}
	if main {
		options.Plugins = []api.Plugin{{Name: "main", Setup: func(b api.PluginBuild) {
			b.OnLoad(api.OnLoadOptions{Filter: "^" + regexp.QuoteMeta(file) + "$", Namespace: "file"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
				source, err := os.ReadFile(a.Path)
				contents := mainTest.ReplaceAllString(string(source), "true")
				return api.OnLoadResult{Contents: &contents, ResolveDir: dir, Loader: api.LoaderDefault}, err
			})
		}}}
	}
	return api.Build(options)
}

// entryFormat is what esbuild takes the entry point of a build for: "esm", "cjs" or "".
func entryFormat(metafile string) string {
	var m struct {
		Outputs map[string]struct{ EntryPoint string }
		Inputs  map[string]struct{ Format string }
	}
	if json.Unmarshal([]byte(metafile), &m) != nil {
		return ""
	}
	for _, out := range m.Outputs {
		if out.EntryPoint != "" {
			return m.Inputs[out.EntryPoint].Format
		}
	}
	return ""
}

// findFile finds a file that a script names.
func (l *Loader) findFile(path string) (string, error) {
	var tried []string
	for _, dir := range []string{l.cfg.Dir, l.mainDir()} {
		file := path
		if !filepath.IsAbs(path) {
			file = filepath.Join(dir, path)
		}
		file, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		info, err := os.Stat(file)
		switch {
		case err == nil && info.Mode().IsRegular():
			return file, nil
		case err == nil:
			return "", fmt.Errorf("%s is no file", file)
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		if len(tried) == 0 || tried[0] != file {
			tried = append(tried, file)
		}
	}
	return "", fmt.Errorf("there is no file %s", strings.Join(tried, " and no "))
}

func (l *Loader) mainDir() string {
	if l.main != nil && filepath.IsAbs(l.main.file) {
		return filepath.Dir(l.main.file)
	}
	return l.cfg.Dir
}

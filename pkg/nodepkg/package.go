package nodepkg

import (
	"encoding/json"
	"fmt"

	"supercluster/vm/value"
)

// A Package is a task's code: where it comes from, what it depends on and what of it is to run. The zero value of
// each field means that there is nothing of the kind.
type Package struct {
	Repository string // URL, as package.json has it under repository
	Ref        string // branch, tag or commit; "" is the repository's default branch
	Dir        string // folder below the checkout that the package is in
	Manifest   []byte // the task's package.json, a JSON object

	// One of Code, Export, File and Cmd is to run.
	Code   []byte // a vm.Function's encoding
	Export string // name of an export, of File or of the package's main file
	File   string // path below Dir
	Bundle []byte // text of File, if that comes with the task
	Cmd    string // a command for the shell, between Pre and Post, which may be empty
	Pre    string
	Post   string

	Cwd    string // folder below Dir to run in
	Keep   bool   // the folder is kept afterwards
	Output bool   // what is printed is a part of the result
}

// Limits of a Package, in bytes.
const (
	maxManifest = 1 << 20
	maxCommand  = 64 << 10
)

// texts are the fields that hold text, in their order on the wire.
func (p *Package) texts() []*string {
	return []*string{&p.Repository, &p.Ref, &p.Dir, &p.Export, &p.File, &p.Cmd, &p.Pre, &p.Post, &p.Cwd}
}

func (p *Package) binaries() []*[]byte { return []*[]byte{&p.Manifest, &p.Code, &p.Bundle} }

// Encode returns the package as bytes. Text must be UTF-8.
func (p *Package) Encode() []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(14)
	for _, s := range p.texts() {
		w.Str(*s)
	}
	for _, b := range p.binaries() {
		w.Bin(*b)
	}
	w.Bool(p.Keep)
	w.Bool(p.Output)
	return w.Bytes()
}

// Decode is the inverse of Encode. It keeps parts of b, skips fields of later versions and checks nothing but the
// form; see Check.
func Decode(b []byte) (*Package, error) {
	r := value.NewReader(b, value.Limits{MaxDepth: 16, MaxNodes: 1000})
	n := r.ArrayLen()
	p := &Package{}
	if n < 14 {
		return nil, fmt.Errorf("package: %d fields, at least 14 expected", n)
	}
	for _, s := range p.texts() {
		*s = r.Str()
	}
	for _, to := range p.binaries() {
		if c := r.Bin(); len(c) > 0 {
			*to = c
		}
	}
	p.Keep = r.Bool()
	p.Output = r.Bool()
	for ; n > 14 && r.Err() == nil; n-- {
		r.Skip()
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("package: %w", err)
	}
	return p, nil
}

// Check reports what is wrong with a package that can be known without running it, as a *Error.
func (p *Package) Check() error {
	if _, err := p.manifest(); err != nil {
		return err
	}
	for _, path := range []struct{ field, path string }{{"dir", p.Dir}, {"run.file", p.File}, {"run.cwd", p.Cwd}} {
		if _, err := localPath(path.field, path.path); err != nil {
			return err
		}
	}
	if err := checkRef(p.Ref); err != nil {
		return err
	}
	switch {
	case len(p.Code) == 0 && p.Export == "" && p.File == "" && p.Cmd == "":
		return failf(CodeFile, "", "nothing is to run: a task needs run.file, run.function or cmds.cmd")
	case len(p.Bundle) > 0 && p.File == "":
		return failf(CodeFile, "", "a bundle has no name")
	case p.Export == "" && p.File == "" && len(p.Code) == 0 && p.Repository == "":
		return failf(CodeURL, "", "commands need a repository to run in")
	}
	for _, cmd := range []string{p.Pre, p.Cmd, p.Post} {
		if len(cmd) > maxCommand {
			return failf(CodeFile, "", "a command of %d bytes, limit %d", len(cmd), maxCommand)
		}
	}
	return nil
}

// manifest decodes what of package.json matters here; nil if there is none.
func (p *Package) manifest() (*manifest, error) {
	if len(p.Manifest) == 0 {
		return nil, nil
	}
	if len(p.Manifest) > maxManifest {
		return nil, failf(CodeManifest, "", "package_json takes %d bytes, limit %d", len(p.Manifest), maxManifest)
	}
	return parseManifest("package_json", p.Manifest)
}

// A manifest is what of a package.json, or of the root of a package-lock.json, matters here.
type manifest struct {
	Scripts              map[string]string
	Dependencies         map[string]string
	DevDependencies      map[string]string
	OptionalDependencies map[string]string
	PeerDependencies     map[string]string
	Workspaces           json.RawMessage
}

func parseManifest(name string, text []byte) (*manifest, error) {
	var m *manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, failf(CodeManifest, "", "%s does not parse: %v", name, err)
	}
	if m == nil {
		return nil, failf(CodeManifest, "", "%s is null, not an object", name)
	}
	return m, nil
}

// A Result is what a package gave.
type Result struct {
	Data           []byte // the value, encoded; empty means undefined
	ExitCode       int
	Output         bool // Stdout and Stderr count
	Stdout, Stderr string
	Path           string // of the folder, if it was kept
}

// Encode returns the result as bytes.
func (r *Result) Encode() []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(6)
	w.Bin(r.Data)
	w.Int(int64(r.ExitCode))
	w.Bool(r.Output)
	w.Str(mend(r.Stdout))
	w.Str(mend(r.Stderr))
	w.Str(mend(r.Path))
	return w.Bytes()
}

// DecodeResult is the inverse of Encode. It keeps parts of b.
func DecodeResult(b []byte) (*Result, error) {
	rd := value.NewReader(b, value.Limits{MaxDepth: 16, MaxNodes: 1000})
	n := rd.ArrayLen()
	if n < 6 {
		return nil, fmt.Errorf("result of a package: %d fields, at least 6 expected", n)
	}
	r := &Result{Data: rd.Bin(), ExitCode: int(int32(rd.Int())), Output: rd.Bool()}
	r.Stdout, r.Stderr, r.Path = rd.Str(), rd.Str(), rd.Str()
	for ; n > 6 && rd.Err() == nil; n-- {
		rd.Skip()
	}
	if err := rd.End(); err != nil {
		return nil, fmt.Errorf("result of a package: %w", err)
	}
	return r, nil
}

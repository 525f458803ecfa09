package loader

import (
	"io"
	"os"
	"sync"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// Config sets up a Loader.
type Config struct {
	Loop *vm.Loop // required
	// Builtin returns the exports of a builtin module; name is without "node:" and "sc:". It returns false if there is
	// no such module, and an error if there is one that cannot be had. nil: there are none.
	Builtin  func(name string) (goja.Value, bool, error)
	Stdin    io.Reader // the text of the main module "-"; nil means os.Stdin
	Dir      string    // what relative paths of the main module start from; empty means the current folder
	CacheDir string    // where lowered texts are kept between runs; empty means nowhere
	Color    bool      // whether code frames and reports carry terminal colours
	// Uncaught is told if the main module fails after its first await; nil means vm.Loop.Report.
	Uncaught func(error)
}

// Loader holds the modules of one runtime.
type Loader struct {
	cfg  Config
	loop *vm.Loop
	rt   *goja.Runtime

	mu    sync.Mutex
	units map[string]*unit // by the name that goja knows, and by file; guarded by mu
}

// New returns a Loader whose modules run on cfg.Loop. To be called on the loop's goroutine, or before it runs.
func New(cfg Config) *Loader {
	if cfg.Stdin == nil {
		cfg.Stdin = os.Stdin
	}
	return &Loader{cfg: cfg, loop: cfg.Loop, rt: cfg.Loop.Runtime(), units: map[string]*unit{}}
}

// unit is one compiled file.
type unit struct{}

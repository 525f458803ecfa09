package vm

import (
	"context"
	"time"

	"github.com/dop251/goja"
)

// Task is one call of a function, as it comes from the wire.
type Task struct {
	ID, Name   string
	Code, Args []byte   // of Function.Encode, and of Encode: an array of arguments
	Hash       [32]byte // of the function; zero if unknown
	Each       bool     // call once for each element of the first argument; the result is an array of [true, value] | [false, error]
	WorkerID   string
	WorkerData []byte        // JSON
	Timeout    time.Duration // zero: none
}

// Host is what a task reaches outside its runtime. Its methods are called on the task's goroutine.
type Host interface {
	Log(stream, text string) // "stdout" or "stderr"; text ends with a newline
	Progress(fraction float64)
	Send(event string, data []byte) // data as Encode made it
}

// Result is what became of a task.
type Result struct {
	Value []byte // as Encode made it
	Err   []byte // the error as Encode made it, when the task failed; then Value is nil
	Run   time.Duration
}

// EngineConfig sets the limits of an Engine.
type EngineConfig struct {
	MaxStack int // nested JavaScript calls; zero means 2000
	Programs int // compiled functions kept; zero means 1000
	// RegexpTimeout ends a backtracking match, which then counts as no match: it must be longer than any task may
	// take. It holds for the whole process. Zero means no limit.
	RegexpTimeout time.Duration
	// Binding returns the native half of the js module name, or nil. It may be nil.
	Binding func(rt *goja.Runtime, name string) *goja.Object
}

// Engine runs tasks, each in a runtime of its own. It is safe for concurrent use.
type Engine struct{ cfg EngineConfig }

// NewEngine returns an Engine; it starts nothing.
func NewEngine(cfg EngineConfig) *Engine { return &Engine{cfg: cfg} }

// Run runs t on the calling goroutine until its function has returned, and the promise that it may have returned
// has settled. The end of ctx stops it.
func (e *Engine) Run(ctx context.Context, t Task, h Host) Result { return Result{} }

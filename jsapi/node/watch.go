package node

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/dop251/goja"
	"github.com/fsnotify/fsnotify"
)

// watcher tells owner.onevent(type, filename) what happens to a file, to a folder or to all below it, and
// owner.onfault(fault) what keeps it from going on. Type is "rename" for what came or went and "change" for all else.
type watcher struct {
	owner
	activity
	id        int64
	events    *fsnotify.Watcher
	root      string
	folder    bool
	recursive bool
	once      sync.Once
}

// watchBinding serves js/fs_watch.js: start(owner, path, recursive) → number, or the fault; close(number);
// ref(number, on).
func (n *Node) watchBinding() *goja.Object {
	return n.object(map[string]any{
		"start": n.startWatcher,
		"close": func(call goja.FunctionCall) goja.Value {
			if w, ok := n.handles.get(call.Argument(0).ToInteger()).(*watcher); ok {
				n.handles.remove(w.id)
				w.shut()
				w.add(-1)
			}
			return goja.Undefined()
		},
		"ref": func(call goja.FunctionCall) goja.Value {
			if w, ok := n.handles.get(call.Argument(0).ToInteger()).(*watcher); ok {
				w.setRef(call.Argument(1).ToBoolean())
			}
			return goja.Undefined()
		},
	})
}

func (n *Node) startWatcher(call goja.FunctionCall) goja.Value {
	root, recursive := call.Argument(1).String(), call.Argument(2).ToBoolean()
	info, err := os.Stat(root)
	if err != nil {
		return n.fault(err)
	}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return n.fault(err)
	}
	w := &watcher{
		owner: owner{n, call.Argument(0).ToObject(n.rt)}, activity: activity{loop: n.loop}, events: events,
		root: filepath.Clean(root), folder: info.IsDir(), recursive: recursive && info.IsDir(),
	}
	if _, err := w.watch(w.root); err != nil {
		w.shut()
		return n.fault(err)
	}
	w.id = n.handles.add(w)
	w.add(1)
	n.loop.Start(w.run)
	return n.rt.ToValue(w.id)
}

// shut is of handle.
func (w *watcher) shut() {
	w.once.Do(func() { _ = w.events.Close() }) // nobody is left to tell
}

// watch adds dir, and in a recursive watcher the folders below it; found are the paths below dir.
func (w *watcher) watch(dir string) (found []string, err error) {
	if err := w.events.Add(dir); err != nil || !w.recursive {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return nil // what is gone by now needs no watching
		}
		found = append(found, path)
		if entry.IsDir() {
			return w.events.Add(path)
		}
		return nil
	})
	return found, err
}

// run hands on events until the watcher is shut; it may run on any goroutine.
func (w *watcher) run(context.Context) {
	for {
		select {
		case e, ok := <-w.events.Events:
			if !ok {
				return
			}
			w.pass(e)
		case err, ok := <-w.events.Errors:
			if !ok {
				return
			}
			w.loop.Post(func() { w.tell("onfault", w.n.fault(err)) })
		}
	}
}

// pass hands on one event. Files in a folder that is new may be older than its watch: they are told of here.
func (w *watcher) pass(e fsnotify.Event) {
	kind := "change"
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		kind = "rename"
	}
	w.report(kind, e.Name)
	if !w.recursive || !e.Has(fsnotify.Create) {
		return
	}
	if info, err := os.Lstat(e.Name); err != nil || !info.IsDir() {
		return
	}
	found, _ := w.watch(e.Name) // a folder that is gone again has its own event
	for _, path := range found {
		w.report("rename", path)
	}
}

func (w *watcher) report(kind, path string) {
	name := filepath.Base(path)
	if w.folder && path != w.root {
		if rel, err := filepath.Rel(w.root, path); err == nil {
			name = rel
		}
	}
	w.loop.Post(func() { w.tell("onevent", w.n.rt.ToValue(kind), w.n.rt.ToValue(name)) })
}

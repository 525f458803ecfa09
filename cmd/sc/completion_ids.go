package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"supercluster/jsapi"
	"supercluster/net/cluster"
)

const (
	// tabTime bounds how long a person who pressed Tab waits for the cluster.
	tabTime = 480 * time.Millisecond
	// tabLook is how long it is looked at; the rest is for goodbyes.
	tabLook = 420 * time.Millisecond
	// tabAgain is the time between two looks; tabQuiet of them that bring
	// nothing new are enough, once there is something.
	tabAgain = 30 * time.Millisecond
	tabQuiet = 4
)

// idCandidates lists ids that may stand for the last word after before, which
// begins with the command: tasks and workers of the cluster, which is asked
// for as long as a person waits, or runs that are recorded here. It is silent
// on what goes wrong, and then has none.
func idCandidates(ctx context.Context, env *environment, c *command, before []string) (list []candidate) {
	kind := map[string]string{"explain": seenTask, "cancel": seenTask, "logs": seenTask, "drain": seenWorker, "report": "run"}[c.name]
	if kind == "" {
		return nil
	}
	s, named, ok := quietSettings(env, c, before)
	switch {
	case !ok || named:
		return nil
	case kind == "run":
		return runCandidates(env)
	}
	for _, e := range tabbed(ctx, env, c, s, kind) {
		if c.name != "cancel" || !e.Ended {
			list = append(list, candidate{e.ID, e.Meaning})
		}
	}
	return list
}

// workerValues are the values of a flag that takes a worker.
func workerValues(ctx context.Context, env *environment, c *command, flag string, before []string) (list []candidate) {
	s, _, ok := quietSettings(env, c, before)
	if !ok {
		return nil
	}
	for _, e := range tabbed(ctx, env, c, s, seenWorker) {
		list = append(list, candidate{flag + "=" + e.ID, e.Meaning})
	}
	return list
}

// quietSettings are what the words before say, and whether one is an argument.
func quietSettings(env *environment, c *command, before []string) (s *settings, named, ok bool) {
	s = new(settings)
	rest, err := c.parse(silent(env), s, before[1:])
	return s, len(rest) > 0, err == nil
}

// silent is the environment for what prints nothing.
func silent(env *environment) *environment {
	quiet := *env
	quiet.stdout, quiet.stderr = io.Discard, io.Discard
	return &quiet
}

// tabbed joins as an observer and looks again and again, until nothing new
// comes or the time is over. A node that announces itself once a second may
// not be heard in that time: what was seen just before counts, too.
func tabbed(ctx context.Context, env *environment, c *command, s *settings, kind string) []seen {
	ctx, stop := context.WithTimeout(ctx, tabLook)
	defer stop()
	found := make(chan []seen, 1)
	ended := make(chan struct{})
	go func() { // ends within the time, or with the process
		defer close(ended)
		_ = observe(ctx, silent(env), c, s, func(ctx context.Context, o *jsapi.Observer) error {
			found <- gather(ctx, o, kind)
			return nil
		}) // what went wrong has its place in the command itself
	}()
	select {
	case <-ended:
	case <-time.After(tabTime):
	}
	var list []seen
	select {
	case list = <-found:
	default:
	}
	return remember(s, list, kind)
}

func gather(ctx context.Context, o *jsapi.Observer, kind string) []seen {
	all := make(map[string]seen)
	for same := 0; ctx.Err() == nil && (len(all) == 0 || same < tabQuiet); same++ {
		before := len(all)
		for _, e := range lookFor(ctx, o, kind) {
			all[e.Kind+e.ID] = e
		}
		if len(all) > before {
			same = 0
		}
		select {
		case <-time.After(tabAgain):
		case <-ctx.Done():
		}
	}
	var list []seen
	for _, e := range all {
		list = append(list, e)
	}
	return list
}

// lookFor finds things of a kind, and workers in any case.
func lookFor(ctx context.Context, o *jsapi.Observer, kind string) []seen {
	list := seenWorkers(o.Linked())
	if kind == seenTask {
		rows, _ := o.Find(ctx, "") // those that answered will do
		list = append(list, seenTasks(rows)...)
	}
	return list
}

func seenWorkers(peers []cluster.Peer) (list []seen) {
	for _, p := range peers {
		if p.Role == cluster.RoleWorker {
			meaning := fmt.Sprintf("at %v, %d of %s in use", p.Addr, p.Running, count(p.Slots, "slot"))
			list = append(list, seen{Kind: seenWorker, ID: visible(p.ID, sureWorker), Meaning: meaning})
		}
	}
	return list
}

func seenTasks(rows []cluster.TaskRow) (list []seen) {
	for _, r := range rows {
		meaning := strings.TrimSpace(visible(r.Name, 24) + " " + visible(cmp.Or(r.Code, r.State), 24))
		if r.Worker != "" {
			meaning += " on worker " + shortWorker(r.Worker)
		}
		list = append(list, seen{Kind: seenTask, ID: shortTask(r.ID), Meaning: meaning, Ended: !r.Live()})
	}
	return list
}

// runCandidates are the runs that are recorded here, the latest first.
func runCandidates(env *environment) (list []candidate) {
	dir, err := runsDir(env)
	if err != nil {
		return nil
	}
	runs, err := recordedRuns(dir)
	if err != nil {
		return nil
	}
	for _, r := range runs {
		list = append(list, candidate{visible(r.head.Run, 64), visible(r.head.Script, 24) + " " + r.head.Began.Local().Format("2006-01-02 15:04")})
	}
	return list
}

package jsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"supercluster/net/cluster"
	"supercluster/vm"
)

// A taskPost sends what the tasks of one worker have to say to others than their masters, in the worker's name.
type taskPost struct {
	worker *cluster.Worker
	mesh   *cluster.Mesh
	since  time.Time             // when the worker was made
	own    func(cluster.Message) // hears of what is for all nodes, at this one; may be nil

	mu      sync.Mutex
	reached bool // it is linked to other workers; guarded by mu
}

// A taskHost is the vm.Host of one task.
type taskHost struct {
	cluster.Sink
	post func(vm.Message) error
}

// Post implements vm.Host.
func (h taskHost) Post(m vm.Message) error { return h.post(m) }

// post sends m and returns when it is on its way. ctx is the task's.
func (p *taskPost) post(ctx context.Context, m vm.Message) error {
	if err := p.reach(ctx); err != nil {
		return err
	}
	posted := make(chan error, 1)
	if err := p.send(m, func(err error) { posted <- err }); err != nil {
		return err
	}
	select {
	case err := <-posted:
		if coded := (*cluster.Error)(nil); errors.As(err, &coded) {
			return &vm.PostError{Code: coded.Code, Message: coded.Message}
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reach has the worker linked to the nodes beyond its masters, once.
func (p *taskPost) reach(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reached {
		return nil
	}
	select {
	case <-time.After(time.Until(p.since.Add(settling))):
	case <-ctx.Done():
		return ctx.Err()
	}
	_ = p.mesh.Reach(ctx, p.worker) // who cannot be reached does not hear of it
	p.reached = ctx.Err() == nil
	return ctx.Err()
}

// send posts m; sent is called once with what became of it, unless send itself returns an error.
func (p *taskPost) send(m vm.Message, sent func(error)) error {
	if m.To == vm.ToBus {
		p.worker.Publish(m.Event, m.Data, sent)
		if p.own != nil {
			p.own(cluster.Message{From: cluster.Peer{ID: p.worker.ID(), Role: cluster.RoleWorker}, Name: m.Event, Data: m.Data, Bus: true})
		}
		return nil
	}
	peers := p.worker.Siblings()
	if m.To == vm.ToWorkers {
		var err error
		if peers, err = choose(peers, m.Target); err != nil {
			return err
		}
	}
	if len(peers) == 0 {
		return &vm.PostError{Code: cluster.CodeNoNode, Message: fmt.Sprintf("message %q: no other worker is there to take it", m.Event)}
	}
	var mu sync.Mutex
	left, first := len(peers), error(nil)
	for _, peer := range peers {
		p.worker.Post(peer.ID, m.Event, m.Data, func(err error) {
			mu.Lock()
			if first == nil {
				first = err
			}
			left--
			last := left == 0
			mu.Unlock()
			if last {
				sent(first)
			}
		})
	}
	return nil
}

// choose returns the peers that a target of vm.Message selects.
func choose(peers []cluster.Peer, target []byte) ([]cluster.Peer, error) {
	nobody := func(why string, args ...any) error {
		return &vm.PostError{Code: cluster.CodeNoWorker, Message: "sendTo: " + fmt.Sprintf(why, args...)}
	}
	var ids []string
	var id string
	switch {
	case string(target) == "null":
		if len(peers) == 0 {
			return nil, nobody("no other worker is available")
		}
		return []cluster.Peer{peers[rand.IntN(len(peers))]}, nil
	case json.Unmarshal(target, &id) == nil:
		ids = []string{id}
	case json.Unmarshal(target, &ids) != nil:
		q, err := cluster.ParseQuery(target)
		if err != nil {
			return nil, &vm.PostError{Code: "ERR_INVALID_ARG_VALUE", Message: "sendTo: " + err.Error()}
		}
		var chosen []cluster.Peer
		for _, p := range peers {
			if q.Match(p.Data, p.Host) {
				chosen = append(chosen, p)
			}
		}
		if len(chosen) == 0 {
			return nil, nobody("the query %s holds for none of %d other workers", target, len(peers))
		}
		return chosen, nil
	}
	var chosen []cluster.Peer
	for _, id := range ids {
		found := false
		for _, p := range peers {
			if p.ID == id {
				chosen, found = append(chosen, p), true
			}
		}
		if !found {
			return nil, nobody("worker %s is not available", id)
		}
	}
	return chosen, nil
}

package jsapi

import (
	"encoding/json"
	"fmt"
	"time"

	"supercluster/net/cluster"
)

// GuestQuota is what a guest, a master without the cluster's key, may have of
// a worker. A field that is zero has its default.
type GuestQuota struct {
	cluster.Quota
	Memory int64         // bytes that a task may take; default 128 MiB
	CPU    time.Duration // processor time of a task; default 10 s
}

// Defaults of a task of a guest.
const (
	guestTime   = 10 * time.Second
	guestMemory = 128 << 20
	guestCPU    = 10 * time.Second
)

// withDefaults returns q with the defaults of what one task may take.
func (q GuestQuota) withDefaults() GuestQuota {
	if q.Time <= 0 {
		q.Time = guestTime
	}
	if q.Memory <= 0 {
		q.Memory = guestMemory
	}
	if q.CPU <= 0 {
		q.CPU = guestCPU
	}
	return q
}

// announced is what a worker says of the quota to masters: nil for the default.
func (q GuestQuota) announced() json.RawMessage {
	text, err := json.Marshal(q.Quota)
	if err != nil || string(text) == "{}" {
		return nil
	}
	return text
}

// notice says to whoever starts a worker that strangers may use it, and for
// how much.
func (q GuestQuota) notice() string {
	q = q.withDefaults()
	return fmt.Sprintf("open: machines on this network may run sandboxed functions here (no files, no network, %s, %d MiB); "+
		"'sc token' closes it", seconds(q.Time), q.Memory>>20)
}

// seconds writes a duration as people do: 10 s, or 1.5 s.
func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }

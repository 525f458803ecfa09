package link

import "time"

// ear notices, a little before QUIC does, that nothing comes from the peer any more. QUIC ends such a connection without a
// word (RFC 9000, section 10.1). If packets are lost in one direction only, the other side, which still hears of this one,
// then finds out when its own idle time has begun and passed as well. Whoever hears nothing says so, as that may arrive.
type ear struct {
	packets uint64        // that had come at the last look
	heard   time.Duration // when there were more than at the look before, after l.born
	due     time.Duration // when the next look was to be
}

// deaf reports whether no packet has come for Config.deaf. A look that comes late says nothing: it was this
// process that slept, and what came meanwhile was not read yet.
func (e *ear) deaf(l *Link) bool {
	n, ok := l.conn.received()
	now := l.age()
	if !ok || n != e.packets || now-e.due > l.cfg.deaf/10 {
		e.packets, e.heard = n, now
		return false
	}
	return now-e.heard >= l.cfg.deaf
}

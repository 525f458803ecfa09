package link

import "github.com/quic-go/quic-go"

// Stats is what a Socket counted, for metrics. The counts are of packets and their bytes on all connections since the
// socket was opened, without the headers of UDP and IP, with what was sent again.
type Stats struct {
	// Links counts the connections that are up, or on their way, and Relayed those of them through a relay.
	Links, Relayed int
	// Opened counts all connections there were.
	Opened uint64
	// SentBytes and ReceivedBytes, SentPackets and ReceivedPackets count what went out and came in, LostPackets those that went
	// out and were given up.
	SentBytes, ReceivedBytes                  uint64
	SentPackets, ReceivedPackets, LostPackets uint64
}

// Stats counts.
func (s *Socket) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.past
	for conn, by := range s.conns {
		st.add(conn)
		st.Links++
		if by != s.transport {
			st.Relayed++
		}
	}
	return st
}

// add adds what a connection carried.
func (st *Stats) add(conn *quic.Conn) {
	c := conn.ConnectionStats()
	st.SentBytes += c.BytesSent
	st.ReceivedBytes += c.BytesReceived
	st.SentPackets += c.PacketsSent
	st.ReceivedPackets += c.PacketsReceived
	st.LostPackets += c.PacketsLost
}

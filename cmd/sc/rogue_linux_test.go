package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"supercluster/net/trust"
	"supercluster/vm/value"
)

// rogue is the program of a host that means harm, for the tests of threats. It prints a line of words and figures when it is done.
//
//	rogue forge TO N RATE        sends N announcements a RATE of a second that nobody may believe
//	rogue replay TO TIME TIMES   records what is announced for a while, and sends each that many times
//	rogue reflect TO VICTIM N    announces that many nodes as if the victim did, for ten seconds
//	rogue count PORT TIME        counts what a UDP port gets, or "all" of them together
//	rogue list TRACKER VICTIM N  announces that many nodes of the victim's to a tracker
//	rogue hold PORT TIME FILE    has a UDP port for itself, answers everything and writes what it hears to a file
func rogue() {
	ways := map[string]func(args []string) (string, error){
		"forge": rogueForge, "replay": rogueReplay, "reflect": rogueReflect, "count": rogueCount, "hold": rogueHold, "list": rogueList,
	}
	said, err := ways[os.Args[1]](os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "rogue:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

// number reads a figure of the command line.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // the tests give it
	}
	return n
}

// period reads a time of the command line.
func period(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		panic(err) // the tests give it
	}
	return d
}

// claim is what an announcement says.
type claim struct {
	cluster, role string
	seq           uint64
	port          uint64
}

// announcement returns a packet as package beacon sends it, that tells of the node id and is signed by signer.
func announcement(sealer *trust.Sealer, id, signer *trust.Identity, c claim) []byte {
	w := value.NewWriter(nil)
	w.ArrayLen(11)
	w.Bin(id.PublicKey())
	w.Str(c.role)
	w.Str(c.cluster)
	w.Uint(1)
	w.Uint(c.seq)
	w.Int(time.Now().UnixMilli())
	w.Uint(c.port)
	w.Uint(1)
	w.Uint(5000)
	w.Uint(0)
	w.Nil()
	body := w.Bytes()
	sig := signer.Sign(append([]byte("sc announcement 1\x00"), body...))
	return sealer.Seal(append(sig, body...))
}

// rogueKit is what a stranger has: identities of his own, the seal of the open cluster, which everybody can make, and a key of his own.
func rogueKit() (a, b *trust.Identity, open, other *trust.Sealer, err error) {
	if a, err = trust.NewIdentity(); err != nil {
		return
	}
	if b, err = trust.NewIdentity(); err != nil {
		return
	}
	if open, err = trust.NewSealer("", nil); err != nil {
		return
	}
	other, err = trust.NewSealer("", make([]byte, 32))
	return
}

func rogueForge(args []string) (string, error) {
	conn, err := net.Dial("udp4", args[0])
	if err != nil {
		return "", err
	}
	defer conn.Close()
	n, pace := number(args[1]), time.NewTicker(time.Second/time.Duration(number(args[2])))
	defer pace.Stop()
	a, b, open, other, err := rogueKit()
	if err != nil {
		return "", err
	}
	for i := range n {
		<-pace.C
		is := claim{trust.DefaultCluster, "worker", uint64(i + 1), 7777}
		var p []byte
		switch i % 4 {
		case 0: // of another key
			p = announcement(other, a, a, is)
		case 1: // of a node that did not sign it
			p = announcement(open, a, b, is)
		case 2: // changed on the way
			p = announcement(open, a, a, is)
			p[len(p)/2] ^= 1
		case 3: // nothing of ours in our seal
			p = open.Seal([]byte(strings.Repeat("rubbish", 20)))
		}
		if _, err := conn.Write(p); err != nil {
			return "", err
		}
	}
	return fmt.Sprint("sent ", n), nil
}

// A dialCount counts who begins to connect to any of some UDP ports.
type dialCount struct {
	mu    sync.Mutex
	seen  map[string]bool // by QUIC connection
	conns []net.PacketConn
}

// listen counts at a port, too.
func (c *dialCount) listen(port int) {
	conn, err := net.ListenPacket("udp4", fmt.Sprint(":", port))
	if err != nil {
		return // there are several announcements of a port
	}
	c.conns = append(c.conns, conn)
	go func() {
		b := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if n > 14 && b[0]&0xc0 == 0xc0 { // a long header (RFC 9000 section 17.2)
				c.mu.Lock()
				c.seen[from.String()+string(b[6:6+min(int(b[5]), 8)])] = true
				c.mu.Unlock()
			}
		}
	}()
}

func rogueReplay(args []string) (string, error) {
	ear, err := net.ListenPacket("udp4", ":44201")
	if err != nil {
		return "", err
	}
	defer ear.Close()
	if err := ear.SetReadDeadline(time.Now().Add(period(args[1]))); err != nil {
		return "", err
	}
	_, _, open, _, err := rogueKit()
	if err != nil {
		return "", err
	}
	count := dialCount{seen: make(map[string]bool)}
	ports := make(map[uint64]bool)
	var all [][]byte
	b := make([]byte, 2048)
	for {
		n, _, err := ear.ReadFrom(b)
		if err != nil {
			break // the time is over
		}
		all = append(all, append([]byte(nil), b[:n]...))
		if plain, err := open.Open(b[:n]); err == nil && len(plain) > 64 {
			r := value.NewReader(plain[64:], value.Limits{MaxDepth: 8, MaxNodes: 100})
			r.ArrayLen()
			for range 6 {
				r.Skip()
			}
			if port := r.Uint(); r.Err() == nil && !ports[port] {
				ports[port] = true
				count.listen(int(port))
			}
		}
	}
	conn, err := net.Dial("udp4", args[0])
	if err != nil {
		return "", err
	}
	defer conn.Close()
	begin, pace := time.Now(), time.NewTicker(2*time.Millisecond)
	defer pace.Stop()
	for range number(args[2]) {
		for _, p := range all {
			<-pace.C
			if _, err := conn.Write(p); err != nil {
				return "", err
			}
		}
	}
	took := time.Since(begin)
	count.mu.Lock()
	defer count.mu.Unlock()
	return fmt.Sprintf("captured %d ports %d dials %d seconds %.1f", len(all), len(ports), len(count.seen), took.Seconds()), nil
}

// rogueReflect sends by a raw socket, whose caller writes the sender's address.
func rogueReflect(args []string) (string, error) {
	to, victim := netip.MustParseAddrPort(args[0]), netip.MustParseAddr(args[1])
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_RAW)
	if err != nil {
		return "", err
	}
	defer syscall.Close(fd)
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_BROADCAST, 1); err != nil {
		return "", err
	}
	_, _, open, _, err := rogueKit()
	if err != nil {
		return "", err
	}
	n := number(args[2])
	pace := time.NewTicker(10 * time.Second / time.Duration(n))
	defer pace.Stop()
	for i := range n {
		<-pace.C
		id, err := trust.NewIdentity()
		if err != nil {
			return "", err
		}
		is := claim{trust.DefaultCluster, "worker", 1, 7777}
		if i%2 == 1 {
			is.role = "master"
		}
		packet := udpPacket(netip.AddrPortFrom(victim, 44201), to, announcement(open, id, id, is))
		if err := syscall.Sendto(fd, packet, 0, &syscall.SockaddrInet4{Addr: to.Addr().As4()}); err != nil {
			return "", err
		}
	}
	return fmt.Sprint("sent ", n), nil
}

// udpPacket returns an IPv4 packet, whose checksum and id the kernel fills in (raw(7)).
func udpPacket(from, to netip.AddrPort, payload []byte) []byte {
	p := make([]byte, 28, 28+len(payload))
	p[0], p[8], p[9] = 0x45, 64, syscall.IPPROTO_UDP
	binary.BigEndian.PutUint16(p[2:], uint16(28+len(payload)))
	src, dst := from.Addr().As4(), to.Addr().As4()
	copy(p[12:], src[:])
	copy(p[16:], dst[:])
	binary.BigEndian.PutUint16(p[20:], from.Port())
	binary.BigEndian.PutUint16(p[22:], to.Port())
	binary.BigEndian.PutUint16(p[24:], uint16(8+len(payload)))
	return append(p, payload...)
}

func rogueCount(args []string) (string, error) {
	network, addr := "udp4", ":"+args[0]
	if args[0] == "all" {
		network, addr = "ip4:udp", "0.0.0.0"
	}
	conn, err := net.ListenPacket(network, addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	fmt.Println("counting")
	if err := conn.SetReadDeadline(time.Now().Add(period(args[1]))); err != nil {
		return "", err
	}
	n, senders := 0, make(map[string]bool)
	for b := make([]byte, 2048); ; n++ {
		_, from, err := conn.ReadFrom(b)
		if err != nil {
			return fmt.Sprintf("packets %d senders %d", n, len(senders)), nil
		}
		senders[from.String()] = true
	}
}

func rogueList(args []string) (string, error) {
	taken := 0
	for first, n := 0, number(args[2]); first < n; first += 50 {
		var list []string
		for i := range min(50, n-first) {
			list = append(list, fmt.Sprintf(`{"addr":%q,"port":%d,"data":{}}`, args[1], 1000+first+i))
		}
		body := `{"masters":[` + strings.Join(list, ",") + `]}`
		res, err := http.Post("http://"+args[0]+"/hostsAvailable", "application/json", strings.NewReader(body))
		if err != nil {
			return "", err
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			taken += len(list)
		}
	}
	return fmt.Sprint("listed ", taken), nil
}

func rogueHold(args []string) (string, error) {
	conn, err := net.ListenPacket("udp4", ":"+args[0])
	if err != nil {
		return "", err
	}
	defer conn.Close()
	file, err := os.Create(args[2])
	if err != nil {
		return "", err
	}
	defer file.Close()
	fmt.Println("held")
	if err := conn.SetReadDeadline(time.Now().Add(period(args[1]))); err != nil {
		return "", err
	}
	n := 0
	for b := make([]byte, 2048); ; n++ {
		read, from, err := conn.ReadFrom(b)
		if err != nil {
			return fmt.Sprintf("heard %d", n), nil
		}
		if _, err := file.Write(b[:read]); err != nil {
			return "", err
		}
		if _, err := conn.WriteTo(b[:read], from); err != nil {
			return "", err
		}
	}
}

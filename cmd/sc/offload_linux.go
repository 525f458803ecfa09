package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// udpSegment is UDP_SEGMENT of udp(7), at the level of UDP: the size of the
// packets that the system cuts a write into.
const udpSegment = 103

// tryOffload has the system cut one write into two packets, on loopback.
func tryOffload() error {
	to, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer to.Close()
	from, err := net.DialUDP("udp4", nil, to.LocalAddr().(*net.UDPAddr))
	if err != nil {
		return err
	}
	defer from.Close()
	raw, err := from.SyscallConn()
	if err != nil {
		return err
	}
	const size = 1200
	var refused error
	if err := raw.Control(func(fd uintptr) { refused = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_UDP, udpSegment, size) }); err != nil {
		return err
	}
	if refused != nil {
		return fmt.Errorf("UDP_SEGMENT: %w", refused)
	}
	if _, err := from.Write(make([]byte, 2*size)); err != nil {
		return err
	}
	buf := make([]byte, 4*size)
	for range 2 {
		if err := to.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			return err
		}
		if n, err := to.Read(buf); err != nil || n != size {
			return errors.Join(err, fmt.Errorf("a packet of %d bytes, want %d", n, size))
		}
	}
	return nil
}

package rawecho

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/sync/errgroup"
)

const (
	protocol   = "sc-rawecho"
	headerSize = 12
	// MaxPayload is the longest payload of a frame, in bytes.
	MaxPayload = 256 << 20
	// readBuffer is what one read may take, in bytes; fullBatch what is written at the latest.
	readBuffer = 256 << 10
	fullBatch  = 64 << 10
)

// quicConfig has receive windows that a stream of large payloads never waits for on one machine.
func quicConfig() *quic.Config {
	return &quic.Config{
		MaxIdleTimeout: 30 * time.Second, KeepAlivePeriod: 5 * time.Second,
		InitialStreamReceiveWindow: 8 << 20, MaxStreamReceiveWindow: 16 << 20,
		InitialConnectionReceiveWindow: 8 << 20, MaxConnectionReceiveWindow: 24 << 20,
	}
}

// Serve echoes what comes over any stream of any connection until ctx is done, when it returns nil. It calls ready with
// its address, "127.0.0.1:port", once it listens.
func Serve(ctx context.Context, ready func(addr string)) error {
	cert, err := selfSigned()
	if err != nil {
		return fmt.Errorf("raw echo: %w", err)
	}
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("raw echo: %w", err)
	}
	defer udp.Close()
	tr := &quic.Transport{Conn: udp}
	defer tr.Close()
	ln, err := tr.Listen(&tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{protocol}, MinVersion: tls.VersionTLS13}, quicConfig())
	if err != nil {
		return fmt.Errorf("raw echo: %w", err)
	}
	ready(udp.LocalAddr().String())
	g, gctx := errgroup.WithContext(ctx)
	for {
		conn, err := ln.Accept(gctx)
		if err != nil {
			break
		}
		g.Go(func() error { serveConn(gctx, conn); return nil })
	}
	_ = g.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("raw echo: the listener ended")
}

// serveConn echoes each stream of one connection until that ends.
func serveConn(ctx context.Context, conn *quic.Conn) {
	defer context.AfterFunc(ctx, func() { _ = conn.CloseWithError(0, "") })()
	for {
		s, err := conn.AcceptStream(ctx)
		if err != nil {
			return
		}
		if echo(s) != nil {
			_ = conn.CloseWithError(1, "not a frame")
			return
		}
	}
}

// echo sends every frame back, and writes when no more has come.
func echo(s io.ReadWriter) error {
	in := bufio.NewReaderSize(s, readBuffer)
	var out []byte
	for {
		var err error
		if out, err = readFrame(in, out); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if in.Buffered() < headerSize || len(out) > fullBatch {
			if _, err := s.Write(out); err != nil {
				return nil // the client is gone
			}
			out = out[:0]
		}
	}
}

// readFrame appends the next frame to buf.
func readFrame(in *bufio.Reader, buf []byte) ([]byte, error) {
	head, err := in.Peek(headerSize)
	if err != nil {
		return buf, err
	}
	n := int(binary.BigEndian.Uint32(head))
	if n > MaxPayload {
		return buf, fmt.Errorf("frame of %d bytes, limit %d", n, MaxPayload)
	}
	at := len(buf)
	if need := at + headerSize + n; need > cap(buf) {
		buf = append(make([]byte, 0, need), buf...)
	}
	buf = buf[:at+headerSize+n]
	_, err = io.ReadFull(in, buf[at:])
	return buf, err
}

func selfSigned() (tls.Certificate, error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, pub, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

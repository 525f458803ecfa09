package node

import (
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
)

// framed compresses with deflate between the header and the trailer of gzip (RFC 1952) or zlib (RFC 1950), or neither.
// The level may change on the way, which the writers of the standard library do not allow.
type framed struct {
	w      io.Writer
	z      *flate.Writer
	header []byte      // what is still to be written before anything else
	sum    hash.Hash32 // of all that was written; nil: there is no trailer
	gzip   bool
	size   uint32 // bytes written, modulo 2³²
}

func newFramed(w io.Writer, o codecOptions, level int) (*framed, error) {
	z, err := flate.NewWriterDict(w, level, o.dict)
	if o.mode == "gzip" {
		z, err = flate.NewWriter(w, level)
	}
	f := &framed{w: w, z: z}
	switch o.mode {
	case "gzip":
		f.gzip, f.sum = true, crc32.NewIEEE()
		extra := map[int]byte{flate.BestCompression: 2, flate.BestSpeed: 4}[level]
		f.header = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 0xff} // no time, system unknown
	case "deflate":
		f.sum = adler32.New()
		f.header = zlibHeader(level, o.dict)
	}
	return f, err
}

// zlibHeader is that of a window of 32 KiB.
func zlibHeader(level int, dict []byte) []byte {
	var class byte // fastest, fast, default, slowest
	switch {
	case level == -1 || level == 6:
		class = 2
	case level > 6:
		class = 3
	case level > 1:
		class = 1
	}
	head := []byte{0x78, class << 6}
	if len(dict) > 0 {
		head[1] |= 0x20
	}
	head[1] += byte(31 - (uint(head[0])<<8+uint(head[1]))%31)
	if len(dict) > 0 {
		head = binary.BigEndian.AppendUint32(head, adler32.Checksum(dict))
	}
	return head
}

func (f *framed) begin() error {
	if f.header == nil {
		return nil
	}
	_, err := f.w.Write(f.header)
	f.header = nil
	return err
}

// Write is of io.Writer.
func (f *framed) Write(p []byte) (int, error) {
	if err := f.begin(); err != nil {
		return 0, err
	}
	if f.sum != nil {
		f.sum.Write(p)
	}
	f.size += uint32(len(p))
	return f.z.Write(p)
}

// Flush writes all so far, up to a whole byte.
func (f *framed) Flush() error {
	return errors.Join(f.begin(), f.z.Flush())
}

// setLevel compresses what follows at another level. What came before is not referred to from there on.
func (f *framed) setLevel(level int) error {
	if err := f.Flush(); err != nil {
		return err
	}
	z, err := flate.NewWriter(f.w, level)
	if err == nil {
		f.z = z
	}
	return err
}

// Close writes the rest and the trailer.
func (f *framed) Close() error {
	err := errors.Join(f.begin(), f.z.Close())
	if err != nil || f.sum == nil {
		return err
	}
	var tail []byte
	if f.gzip {
		tail = binary.LittleEndian.AppendUint32(tail, f.sum.Sum32())
		tail = binary.LittleEndian.AppendUint32(tail, f.size)
	} else {
		tail = binary.BigEndian.AppendUint32(tail, f.sum.Sum32())
	}
	_, err = f.w.Write(tail)
	return err
}

var (
	errMethod      = errors.New("unknown compression method")
	errHeaderFlags = errors.New("unknown header flags set")
)

// replay gives the bytes of head before those of what it stands before.
type replay struct {
	source
	head []byte
}

// ReadByte is of io.ByteReader.
func (r *replay) ReadByte() (byte, error) {
	if len(r.head) == 0 {
		return r.source.ReadByte()
	}
	b := r.head[0]
	r.head = r.head[1:]
	return b, nil
}

// Read is of io.Reader.
func (r *replay) Read(p []byte) (int, error) {
	if len(r.head) == 0 {
		return r.source.Read(p)
	}
	n := copy(p, r.head)
	r.head = r.head[n:]
	return n, nil
}

// gzipMember checks the begin of a gzip header as zlib does, with its words, and returns a reader of all of it.
func gzipMember(r source) (*replay, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, unexpected(err)
	}
	switch {
	case head[1] != 0x8b:
		return nil, gzip.ErrHeader
	case head[2] != 8:
		return nil, errMethod
	case head[3]&0xe0 != 0:
		return nil, errHeaderFlags
	}
	return &replay{source: r, head: head}, nil
}

package node

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/dop251/goja"

	"supercluster/vm"
)

// codecOptions are those of a compressor or decompressor.
type codecOptions struct {
	mode    string // "gzip", "deflate", "raw", "brotli"; "unzip" finds out itself
	level   int
	window  int // of brotli, 0: its default
	dict    []byte
	maxSize int64 // bytes of output at most, of a call that gives all at once
}

func (n *Node) codecOptions(o *goja.Object) codecOptions {
	dict := arguments{values: []goja.Value{o.Get("dictionary")}}.memory(0)
	return codecOptions{
		mode: o.Get("mode").String(), level: int(o.Get("level").ToInteger()), window: int(o.Get("window").ToInteger()),
		dict: append([]byte(nil), dict...), maxSize: int64(o.Get("maxSize").ToFloat()),
	}
}

// zlibBinding serves js/zlib_native.js.
func (n *Node) zlibBinding() *goja.Object {
	return n.object(map[string]any{
		// compressor(options) → number; write(number, bytes, flush) → promise of memory, flush 0, 2 (sync) or 4 (finish)
		"compressor": n.newCompressor, "write": n.writeCompressor,
		// params(compressor, level) → promise of memory: what was written before the level changed
		"params": n.setCompressorLevel,
		// inflater(options, owner) → number: owner.ondata(memory), onneed(), onend(), onfail([number, code, text])
		"inflater": n.newInflater, "feed": n.feedInflater, "more": n.moreInflater,
		"close": func(call goja.FunctionCall) goja.Value {
			id := call.Argument(0).ToInteger()
			if h := n.handles.get(id); h != nil {
				n.handles.remove(id)
				h.shut()
				if f, ok := h.(*inflater); ok {
					f.add(-f.count)
				}
			}
			return goja.Undefined()
		},
		// whole(options, bytes, compress) → memory, throws [number, code, text]; wholeAsync → promise of it
		"whole":      n.wholeSync,
		"wholeAsync": n.wholeAsync,
		"crc32": func(call goja.FunctionCall) goja.Value {
			args := arguments{values: call.Arguments}
			return n.rt.ToValue(crc32.Update(uint32(args.num(1)), crc32.IEEETable, args.bytes(0)))
		},
	})
}

// flusher is what all compressors are.
type flusher interface {
	io.WriteCloser
	Flush() error
}

func newWriter(w io.Writer, o codecOptions) (flusher, error) {
	level := min(max(o.level, -1), 9)
	switch o.mode {
	case "gzip", "deflate", "raw":
		return newFramed(w, o, level)
	case "brotli":
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: min(max(o.level, 0), 11), LGWin: o.window}), nil
	}
	return nil, fmt.Errorf("codec %q", o.mode)
}

// compressor writes into a buffer, a call at a time.
type compressor struct {
	mu  sync.Mutex // one call at a time; held while it runs beside the loop
	out bytes.Buffer
	w   flusher
}

// shut is of handle: there is nothing that runs on its own.
func (c *compressor) shut() {}

func (n *Node) newCompressor(call goja.FunctionCall) goja.Value {
	c := &compressor{}
	w, err := newWriter(&c.out, n.codecOptions(call.Argument(0).ToObject(n.rt)))
	if err != nil {
		panic(n.codecFault(err))
	}
	c.w = w
	return n.rt.ToValue(n.handles.add(c))
}

func (n *Node) writeCompressor(call goja.FunctionCall) goja.Value {
	c, ok := n.handles.get(call.Argument(0).ToInteger()).(*compressor)
	data := arguments{values: call.Arguments, async: true}.bytes(1)
	flush := call.Argument(2).ToInteger()
	return n.loop.Async(func(context.Context) func() (goja.Value, error) {
		var out []byte
		err := io.ErrClosedPipe
		if ok {
			out, err = c.write(data, flush)
		}
		return func() (goja.Value, error) {
			if err != nil {
				return nil, vm.Throw(n.codecFault(err))
			}
			return n.rt.ToValue(n.rt.NewArrayBuffer(out)), nil
		}
	})
}

func (n *Node) setCompressorLevel(call goja.FunctionCall) goja.Value {
	c, _ := n.handles.get(call.Argument(0).ToInteger()).(*compressor)
	level := int(call.Argument(1).ToInteger())
	return n.loop.Async(func(context.Context) func() (goja.Value, error) {
		var out []byte
		err := io.ErrClosedPipe
		if c != nil {
			out, err = c.setLevel(level)
		}
		return func() (goja.Value, error) {
			if err != nil {
				return nil, vm.Throw(n.codecFault(err))
			}
			return n.rt.ToValue(n.rt.NewArrayBuffer(out)), nil
		}
	})
}

// setLevel has effect on the formats of zlib; brotli has no such call.
func (c *compressor) setLevel(level int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	if f, ok := c.w.(*framed); ok {
		err = f.setLevel(min(max(level, -1), 9))
	}
	out := append([]byte(nil), c.out.Bytes()...)
	c.out.Reset()
	return out, err
}

func (c *compressor) write(data []byte, flush int64) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.w.Write(data)
	switch {
	case err != nil:
	case flush == 4:
		err = c.w.Close()
	case flush != 0:
		err = c.w.Flush()
	}
	out := append([]byte(nil), c.out.Bytes()...)
	c.out.Reset()
	return out, err
}

// errNoDictionary and errBadDictionary are zlib's, which the standard library does not tell apart.
var (
	//lint:ignore ST1005 scripts see zlib's own words
	errNoDictionary = errors.New("Missing dictionary")
	//lint:ignore ST1005 scripts see zlib's own words
	errBadDictionary = errors.New("Bad dictionary")
	errTooLarge      = errors.New("too large")
)

// source is what a decompressor reads: bytes one at a time, so that it takes no more than it needs.
type source interface {
	io.Reader
	io.ByteScanner
}

// decompress copies what r holds to w: all members of a gzip file; what follows in other formats is left alone.
func decompress(w io.Writer, r source, o codecOptions) error {
	// A bufio.Writer's ReadFrom would have z read into its buffer, which r flushes before it waits for input.
	w = struct{ io.Writer }{w}
	if o.mode == "unzip" {
		first, err := r.ReadByte()
		if err != nil {
			return nil // nothing gives nothing
		}
		_ = r.UnreadByte() // one byte can always be put back
		o.mode = "deflate"
		if first == 0x1f {
			o.mode = "gzip"
		}
	}
	switch o.mode {
	case "gzip":
		return gunzip(w, r)
	case "deflate":
		z, err := zlib.NewReaderDict(r, o.dict)
		if errors.Is(err, zlib.ErrDictionary) {
			err = errBadDictionary
			if len(o.dict) == 0 {
				err = errNoDictionary
			}
		}
		if err != nil {
			return unexpected(err)
		}
		_, err = io.Copy(w, z)
		return err
	case "raw":
		_, err := io.Copy(w, flate.NewReaderDict(r, o.dict))
		return err
	case "brotli":
		_, err := io.Copy(w, brotli.NewReader(r))
		return err
	}
	return fmt.Errorf("codec %q", o.mode)
}

// unexpected makes an end within the header what an end elsewhere is.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func gunzip(w io.Writer, r source) error {
	first, err := r.ReadByte()
	if err == nil && first != 0x1f {
		return gzip.ErrHeader
	}
	if err == nil {
		_ = r.UnreadByte() // one byte can always be put back
	}
	member, err := gzipMember(r)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(member)
	if err != nil {
		return unexpected(err)
	}
	for {
		z.Multistream(false)
		if _, err := io.Copy(w, z); err != nil {
			return err
		}
		next, err := r.ReadByte()
		if err != nil || next == 0 {
			return nil // the end, or padding, which node ignores
		}
		if next != 0x1f {
			return gzip.ErrHeader
		}
		_ = r.UnreadByte() // one byte can always be put back
		if member, err = gzipMember(r); err != nil {
			return err
		}
		if err := z.Reset(member); err != nil {
			return unexpected(err)
		}
	}
}

// codecFault is an error of zlib's as [number, code, text].
func (n *Node) codecFault(err error) goja.Value {
	var corrupt flate.CorruptInputError
	number, code, text := -3, "Z_DATA_ERROR", "invalid block type"
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		number, code, text = -5, "Z_BUF_ERROR", "unexpected end of file"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zlib.ErrHeader):
		text = "incorrect header check"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrChecksum):
		text = "incorrect data check"
	case errors.Is(err, errMethod), errors.Is(err, errHeaderFlags):
		text = err.Error()
	case errors.Is(err, errNoDictionary):
		number, code, text = 2, "Z_NEED_DICT", err.Error()
	case errors.Is(err, errBadDictionary):
		text = err.Error()
	case errors.Is(err, errTooLarge):
		code = "ERR_BUFFER_TOO_LARGE"
	case errors.As(err, &corrupt):
	default:
		number, code, text = -2, "ERR__ERROR_FORMAT_PADDING_1", "Decompression failed"
	}
	return n.rt.NewArray(number, code, text)
}

// whole does everything at once.
func whole(o codecOptions, data []byte, compress bool) ([]byte, error) {
	out := &limited{max: o.maxSize}
	if !compress {
		err := decompress(out, bytes.NewReader(data), o)
		return out.data.Bytes(), err
	}
	w, err := newWriter(out, o)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	return out.data.Bytes(), err
}

// limited is a buffer that fails when it would grow beyond max bytes.
type limited struct {
	data bytes.Buffer
	max  int64
}

// Write is of io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if int64(l.data.Len()+len(p)) > l.max {
		return 0, errTooLarge
	}
	return l.data.Write(p)
}

func (n *Node) wholeSync(call goja.FunctionCall) goja.Value {
	out, err := whole(n.codecOptions(call.Argument(0).ToObject(n.rt)), arguments{values: call.Arguments}.bytes(1), call.Argument(2).ToBoolean())
	if err != nil {
		panic(n.codecFault(err))
	}
	return n.rt.ToValue(n.rt.NewArrayBuffer(out))
}

func (n *Node) wholeAsync(call goja.FunctionCall) goja.Value {
	o := n.codecOptions(call.Argument(0).ToObject(n.rt))
	data, compress := arguments{values: call.Arguments, async: true}.bytes(1), call.Argument(2).ToBoolean()
	return n.loop.Async(func(context.Context) func() (goja.Value, error) {
		out, err := whole(o, data, compress)
		return func() (goja.Value, error) {
			if err != nil {
				return nil, vm.Throw(n.codecFault(err))
			}
			return n.rt.ToValue(n.rt.NewArrayBuffer(out)), nil
		}
	})
}

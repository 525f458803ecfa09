package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxLine bounds a line of input, in bytes: what fits into a message.
const maxLine = 8 << 20

// An inputLine is a line, or with --pipe a text of many, with its number from
// 1 on and what it took of the input.
type inputLine struct {
	seq   int
	text  string
	bytes int
	tries int // that failed
}

// An input reads lines ahead, a bounded number of them.
type input struct {
	lines chan inputLine
	err   error // why reading ended, once lines is closed
	size  int64 // of all input in bytes; 0 if unknown
}

// readAhead is how many lines wait to be sent.
const readAhead = 4096

// readInput starts to read r until it ends, or ctx does. A read that waits
// for a terminal or a pipe goes on until the process ends.
func readInput(ctx context.Context, r io.Reader, m *mapping) *input {
	ahead := readAhead
	if m.pipe {
		ahead = 4
	}
	in := &input{lines: make(chan inputLine, ahead)}
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			in.size = info.Size()
		}
	}
	end := byte('\n')
	if m.null {
		end = 0
	}
	go func() {
		defer close(in.lines)
		read := bufio.NewReaderSize(r, 256<<10)
		for seq := 1; ; seq++ {
			line, err := nextInput(read, end, m)
			if err == nil || len(line.text) > 0 || line.bytes > 0 {
				line.seq = seq
				select {
				case in.lines <- line:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					in.err = fmt.Errorf("line %d: %w", seq, err)
				}
				return
			}
		}
	}()
	return in
}

// nextInput reads the next line without its end, or the next text with it.
func nextInput(r *bufio.Reader, end byte, m *mapping) (inputLine, error) {
	if !m.pipe {
		text, err := readUntil(r, end, nil, maxLine)
		n := len(text)
		return inputLine{text: string(bytes.TrimSuffix(text, []byte{end})), bytes: n}, err
	}
	var text []byte
	for len(text) < m.block {
		var err error
		if text, err = readUntil(r, end, text, maxBlock); err != nil {
			return inputLine{text: string(text), bytes: len(text)}, err
		}
	}
	return inputLine{text: string(text), bytes: len(text)}, nil
}

// readUntil appends to text what comes up to and with end. It returns io.EOF
// with what there is at the end of the input.
func readUntil(r *bufio.Reader, end byte, text []byte, limit int) ([]byte, error) {
	for {
		part, err := r.ReadSlice(end)
		text = append(text, part...)
		if len(text) > limit {
			return nil, fmt.Errorf("more than %s", sizeText(limit))
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

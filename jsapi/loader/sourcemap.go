package loader

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/go-sourcemap/sourcemap"

	"supercluster/vm"
)

// segment says that the compiled text from (line, col) on comes from (srcLine, srcCol) of the user's. All count from
// 0, columns in UTF-16 units. srcLine -1 means that it comes from nowhere.
type segment struct{ line, col, srcLine, srcCol int }

// mapping is the segments of one text, sorted by line and col. nil means that both texts are the same.
type mapping []segment

var errMapping = errors.New("source map: bad mappings")

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// decodeMappings reads the mappings of a source map of one source (https://tc39.es/ecma426/).
func decodeMappings(s string) (mapping, error) {
	m := make(mapping, 0, strings.Count(s, ",")+strings.Count(s, ";")+1)
	var fields [5]int
	line, col, srcLine, srcCol := 0, 0, 0, 0
	for len(s) > 0 {
		switch s[0] {
		case ';':
			line, col = line+1, 0
			s = s[1:]
			continue
		case ',':
			s = s[1:]
			continue
		}
		n := 0
		for len(s) > 0 && s[0] != ',' && s[0] != ';' {
			if n == len(fields) {
				return nil, errMapping
			}
			v, rest, ok := decodeVLQ(s)
			if !ok {
				return nil, errMapping
			}
			fields[n], s, n = v, rest, n+1
		}
		col += fields[0]
		if n < 4 {
			m = append(m, segment{line, col, -1, 0})
			continue
		}
		srcLine, srcCol = srcLine+fields[2], srcCol+fields[3]
		if col < 0 || srcLine < 0 || srcCol < 0 {
			return nil, errMapping
		}
		m = append(m, segment{line, col, srcLine, srcCol})
	}
	return m, nil
}

func decodeVLQ(s string) (v int, rest string, ok bool) {
	u, shift := 0, 0
	for i := 0; i < len(s) && shift < 35; i++ {
		d := strings.IndexByte(base64Digits, s[i])
		if d < 0 {
			return 0, s, false
		}
		u |= (d & 31) << shift
		shift += 5
		if d&32 == 0 {
			if u&1 != 0 {
				return -(u >> 1), s[i+1:], true
			}
			return u >> 1, s[i+1:], true
		}
	}
	return 0, s, false
}

// encode is the inverse of decodeMappings, with shift added to every column.
func (m mapping) encode(shift int) string {
	b := make([]byte, 0, 8*len(m))
	line, col, srcLine, srcCol := 0, 0, 0, 0
	first := true
	for _, s := range m {
		if s.line > line {
			b = append(b, strings.Repeat(";", s.line-line)...)
			line, col, first = s.line, 0, true
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = vm.AppendVLQ(b, s.col+shift-col)
		col = s.col + shift
		if s.srcLine < 0 {
			continue
		}
		b = append(b, 'A')
		b = vm.AppendVLQ(b, s.srcLine-srcLine)
		b = vm.AppendVLQ(b, s.srcCol+shift-srcCol)
		srcLine, srcCol = s.srcLine, s.srcCol+shift
	}
	return string(b)
}

// lookup returns the user's place of a place in the compiled text; all count from 0.
func (m mapping) lookup(line, col int) (srcLine, srcCol int, ok bool) {
	i := sort.Search(len(m), func(i int) bool {
		return m[i].line > line || m[i].line == line && m[i].col > col
	}) - 1
	if i < 0 || m[i].line != line || m[i].srcLine < 0 {
		return 0, 0, false
	}
	return m[i].srcLine, m[i].srcCol, true
}

// through returns the mapping from m's compiled text to the user's, where m's source is the compiled text of inner.
func (m mapping) through(inner mapping) mapping {
	out := make(mapping, 0, len(m))
	for _, s := range m {
		if s.srcLine >= 0 {
			line, col, ok := inner.lookup(s.srcLine, s.srcCol)
			if !ok {
				line = -1
			}
			s.srcLine, s.srcCol = line, col
		}
		out = append(out, s)
	}
	return out
}

// inBytes returns m with the columns of the compiled text, code, in bytes, as goja counts them, where its first line
// was moved to the right by so many.
func (m mapping) inBytes(code string, moved int) mapping {
	ascii := vm.IsASCII(code)
	if ascii && moved == 0 {
		return m
	}
	out := slices.Clone(m)
	line, text, col, off := -1, "", 0, 0
	for i, s := range out {
		if !ascii {
			if s.line != line {
				col, off = 0, 0
			}
			for ; line < s.line; line++ {
				text, code, _ = strings.Cut(code, "\n")
			}
			off += byteOf(text[off:], s.col-col)
			col = s.col
			out[i].col = off
		}
		if s.line == 0 {
			out[i].col += moved
		}
	}
	return out
}

// consumer returns m in the form that goja asks. goja counts columns from 1 on both sides, hence the shift.
func (m mapping) consumer(file string) (*sourcemap.Consumer, error) {
	doc, err := json.Marshal(map[string]any{"version": 3, "sources": []string{file}, "mappings": m.encode(1)})
	if err != nil {
		return nil, err
	}
	c, err := sourcemap.Parse("", doc)
	if err != nil {
		return nil, fmt.Errorf("source map of %s: %w", file, err)
	}
	return c, nil
}

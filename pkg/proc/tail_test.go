package proc

import (
	"fmt"
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	for _, tt := range []struct {
		name   string
		size   int
		writes []string
		want   string
	}{
		{"nothing", 4, nil, ""},
		{"fits the head", 4, []string{"ab", "cd"}, "abcd"},
		{"fits both", 4, []string{"abcdefgh"}, "abcdefgh"},
		{"one byte over", 4, []string{"abcdefgh", "i"}, "abcd\n[1 bytes left out]\nfghi"},
		{"one long write", 4, []string{"abcd" + strings.Repeat("x", 100) + "wxyz"}, "abcd\n[100 bytes left out]\nwxyz"},
		{"many short ones", 4, strings.Split("abcdefghijklm", ""), "abcd\n[5 bytes left out]\njklm"},
		{"a long one into a part-filled ring", 4, []string{"abcdef", "123456"}, "abcd\n[4 bytes left out]\n3456"},
		{"size zero", 0, []string{"abc"}, "\n[3 bytes left out]\n"},
		{"negative size", -1, []string{"a"}, "\n[1 bytes left out]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tail := NewTail(tt.size)
			for _, w := range tt.writes {
				if n, err := tail.Write([]byte(w)); n != len(w) || err != nil {
					t.Errorf("Write(%q) = %d, %v, want %d, nil", w, n, err, len(w))
				}
			}
			if got := tail.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzTail compares a Tail with one that remembers everything.
func FuzzTail(f *testing.F) {
	f.Add(3, []byte("abc"), []byte("defgh"), []byte("i"))
	f.Add(1, []byte(""), []byte("xy"), []byte("zzz"))
	f.Fuzz(func(t *testing.T, size int, a, b, c []byte) {
		size &= 15
		tail := NewTail(size)
		for _, w := range [][]byte{a, b, c} {
			tail.Write(w)
		}
		all := string(a) + string(b) + string(c)
		want := all
		if over := len(all) - 2*size; over > 0 {
			want = fmt.Sprintf("%s\n[%d bytes left out]\n%s", all[:size], over, all[len(all)-size:])
		}
		if got := tail.String(); got != want {
			t.Errorf("size %d, %q + %q + %q: %q, want %q", size, a, b, c, got, want)
		}
	})
}

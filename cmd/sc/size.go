package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A sizeFlag is a number of bytes, such as 64KB, 512MB or 1GiB, in steps of
// 1024.
type sizeFlag struct {
	to     *int
	lo, hi int
}

func (s sizeFlag) String() string {
	if s.to == nil || *s.to == 0 {
		return ""
	}
	return sizeText(*s.to)
}

func (s sizeFlag) Set(text string) error {
	n, err := parseSize(text)
	if err != nil {
		return err
	}
	if n < s.lo || n > s.hi {
		return fmt.Errorf("not from %s to %s", sizeText(s.lo), sizeText(s.hi))
	}
	*s.to = n
	return nil
}

// parseSize reads a number of bytes with its unit: B, KB, MB, GB or TB, with
// an i or without the B.
func parseSize(text string) (int, error) {
	number := strings.TrimRight(text, "BbIiKkMmGgTt ")
	unit := strings.ToUpper(strings.TrimSpace(text[len(number):]))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	shift := map[string]int{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
	by, ok := shift[unit]
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || n < 0 || n*float64(int64(1)<<by) > math.MaxInt64/2 {
		return 0, fmt.Errorf("not a size such as 64KB or 512MB")
	}
	return int(n * float64(int64(1)<<by)), nil
}

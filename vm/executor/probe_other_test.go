//go:build !linux

package executor

import (
	"math"
	"testing"
)

func probe() string { return "" }

func rssOf(int) int64 { return 0 }

func dataLimitOf(*testing.T, *Pool, int64) int64 { return math.MaxInt64 >> 1 }

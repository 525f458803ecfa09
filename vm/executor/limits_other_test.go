//go:build !linux

package executor

func limitsHere() string { return "" }

//go:build !linux

package executor

func probe() string { return "" }

//go:build !linux

package main

// tryOffload does nothing: quic-go uses it on Linux alone.
func tryOffload() error { return errNoOffload }

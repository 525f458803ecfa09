//go:build !linux

package main

// rogue needs raw sockets as Linux has them; the tests that start it need its namespaces anyway.
func rogue() {}

//go:build !unix

package node

import "os"

// fileReader has no way to wait for a file and a context at once here.
func fileReader(*os.File) contextReader { return nil }

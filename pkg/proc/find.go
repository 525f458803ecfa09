package proc

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Find returns the absolute path of the program that name stands for: a path, or a name in PATH. A program in the
// working directory must be given as a path.
func Find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("program %s: %w", name, err)
	}
	return filepath.Abs(path)
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"supercluster/js"
)

// TestExamplesTypeCheck checks the examples, and a file that uses every call, against the declarations that sc types
// prints. It takes npm and a network: SC_NPM=required says that they are there.
func TestExamplesTypeCheck(t *testing.T) {
	required := os.Getenv("SC_NPM") == "required"
	npm, err := exec.LookPath("npm")
	if !required && (err != nil || os.Getenv("SC_NPM") == "") {
		t.Skip("SC_NPM is not set")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"supercluster.d.ts": js.Types(),
		"package.json":      `{"private":true,"devDependencies":{"typescript":"5.9","@types/node":"24"}}`,
		"tsconfig.json": `{"compilerOptions":{"target":"es2024","module":"esnext","moduleResolution":"bundler","moduleDetection":"force",
			"checkJs":true,"allowJs":true,"strict":true,"noImplicitAny":false,"noEmit":true,"types":["node"],"skipLibCheck":false},
			"include":["*.d.ts","*.js","*.ts","seed/*.js"]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, from := range []string{"../../examples", "testdata/types"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{npm, "install", "--no-audit", "--no-fund", "--silent"},
		{filepath.Join(dir, "node_modules", ".bin", "tsc"), "--project", "."},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", filepath.Base(args[0]), err, out)
		}
	}
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"supercluster/js"
)

func initCommand() *command {
	return &command{
		name:  "init",
		usage: "[FOLDER]",
		short: "write a first script",
		long: `Examples:

  sc init hello              then: sc run --local=2 hello/master.js
  sc init --ts hello         in TypeScript, with declarations for the editor

Writes a master and sc.json into FOLDER, the current one without it. Files
that are there already are kept, and are an error.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.BoolVar(&s.ts, "ts", s.ts, "write TypeScript")
		},
		run: runInit,
	}
}

const firstScript = `// sc run --local=2 %[1]s       on this machine, with two slots
// sc worker                       on others of this network, and then
// sc run %[1]s                 on all of them
%[2]s

const master = createMaster();
const words = ['squares', 'of', 'the', 'first', 'numbers'];

// A function takes along what it uses from around it, such as words.
function work(n%[3]s) {
  return n + ' ' + words[n %% words.length] + ' ' + n * n;
}

async function main() {
  for await (const line of master.map([1, 2, 3, 4, 5], work)) console.log(line);
  await master.leave();
}

main();
`

const firstConf = `{
  "cluster": "default"
}
`

const firstTSConfig = `{
  "compilerOptions": { "strict": true, "target": "es2022", "module": "nodenext", "noEmit": true },
  "include": ["*.ts"]
}
`

func runInit(_ context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	dir := "."
	switch {
	case len(rest) > 1:
		return usageError("", "init: unexpected argument %q", rest[1])
	case len(rest) == 1:
		dir = rest[0]
	}
	main := "master.js"
	files := map[string]string{
		main:        fmt.Sprintf(firstScript, main, "const { createMaster } = require('supercluster');", ""),
		projectConf: firstConf,
	}
	if s.ts {
		delete(files, main)
		main = "master.ts"
		files[main] = fmt.Sprintf(firstScript, main, "import { createMaster } from 'supercluster';", ": number")
		files["supercluster.d.ts"] = js.Types()
		files["tsconfig.json"] = firstTSConfig
	}
	if err := writeNew(dir, files); err != nil {
		return err
	}
	fmt.Fprintf(env.stderr, "sc: %s is there; try: sc run --local=2 %s\n", filepath.Join(dir, main), filepath.Join(dir, main))
	return nil
}

// writeNew writes files into dir, all or none: one that is there already is an
// error.
func writeNew(dir string, files map[string]string) error {
	for name := range files {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return &exitError{code: exitThrew, err: fmt.Errorf("init: %s is there already", filepath.Join(dir, name)), hint: "name another folder"}
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return fmt.Errorf("init: %w", err)
		}
	}
	return nil
}

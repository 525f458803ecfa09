package main

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// scriptLines are the lines of all scripts that run sc.
func scriptLines(t *testing.T) (lines []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(text), "\n")...)
	}
	return lines
}

// TestEveryFlagHasAScript: each command is run by a script, and each flag is
// given to a command that has it, by its name or as a setting.
func TestEveryFlagHasAScript(t *testing.T) {
	lines := scriptLines(t)
	has := func(pattern string) bool {
		re := regexp.MustCompile(pattern)
		return slices.ContainsFunc(lines, re.MatchString)
	}
	commandsOf := make(map[string][]string)
	for _, c := range commands() {
		if !has(`\bsc ` + c.name + `\b`) {
			t.Errorf("no script runs sc %s", c.name)
		}
		if c.flags == nil {
			continue
		}
		set := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.flags(set, new(settings))
		set.VisitAll(func(f *flag.Flag) { commandsOf[f.Name] = append(commandsOf[f.Name], c.name) })
	}
	for name, of := range commandsOf {
		dashes := "--"
		if len(name) == 1 {
			dashes = "-"
		}
		asFlag := `\bsc (` + strings.Join(of, "|") + `)\b.* ` + dashes + regexp.QuoteMeta(name) + `\b`
		asSetting := `^env ` + settingVariable(name) + `=.`
		if !has(asFlag) && !has(asSetting) {
			t.Errorf("no script gives --%s to sc %s", name, strings.Join(of, ", or "))
		}
	}
}

// untold are texts that no test brings about, and why.
var untold = map[string]string{
	"a task failed with an error that cannot be read": "only a worker that breaks the protocol sends such an error",
	"the worker has no executor":                      "the system lost a process",
	"not on this system":                              "another system says it",
	"no record":                                       "peekRecord's callers leave such a file out",
	"the cluster's key cannot be read":                "what is wrong with a key is tested by its package",
	"a packet of":                                     "a system whose offload cuts wrongly",
	"Ctrl-C ends it":                                  "worker.txtar and others look for the words before it",
	"tracker listens on":                              "the same",
	"only Linux tells what a process takes, in /proc": "another system says it",
	"strings.js printed":                              "a script of our own prints something else",
	"map.js printed":                                  "a script of our own prints something else",
	"not done within":                                 "a machine that is too slow for the figures",
	"no echo server within":                           "a machine that is too slow for the figures",
	"workers within":                                  "a machine that is too slow for the figures",
	"was found, and not all nodes answered":           "a node hangs and keeps its link",
	"is cancelled, but worker":                        "a worker hangs and keeps its link",
	"results for":                                     "only a worker that breaks the protocol sends so many",
	"the network side has not ended within":           "a fault of our own",
	"cannot look for nodes":                           "the system refuses a socket",
	"no executor was ready within 10s":                "the system cannot start a process",
	"cannot be sent":                                  "the system refuses a broadcast",
}

// TestEveryErrorHasATest: the longest constant part of each error and notice
// of this package stands in a script or a test.
func TestEveryErrorHasATest(t *testing.T) {
	tested := testedText(t)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, text := range toldBy(call) {
				part := longestPart(commandName.ReplaceAllString(text, ""))
				if len(part) >= 6 && !strings.Contains(tested, part) && untold[part] == "" {
					t.Errorf("%v: no test has %q of %q", set.Position(call.Pos()), part, text)
				}
			}
			return true
		})
	}
}

// testedText is the text of all scripts and tests, without what quotes it.
func testedText(t *testing.T) string {
	t.Helper()
	text := strings.Join(scriptLines(t), "\n")
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name == "coverage_test.go" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text += "\n" + string(b)
	}
	return strings.NewReplacer(`\`, "", "''", "'").Replace(text)
}

// toldBy are the constant texts that a call makes an error or a notice of.
func toldBy(call *ast.CallExpr) (texts []string) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	first := map[string]int{"usageError": 1, "Errorf": 0, "New": 0, "say": 0, "fault": 2, "warn": 2, "fail": 2}
	at, ok := first[name]
	if !ok || len(call.Args) <= at {
		return nil
	}
	if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if text, err := strconv.Unquote(lit.Value); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// commandName is what errors of a command begin with.
var commandName = regexp.MustCompile(`^[a-z]+: `)

// verb is a verb of a format.
var verb = regexp.MustCompile(`%[-+# 0-9.*\[\]]*[a-zA-Z%]`)

// longestPart is the longest part of a format between two verbs.
func longestPart(format string) string {
	longest := ""
	for _, p := range verb.Split(strings.NewReplacer(`\`, "", "''", "'").Replace(format), -1) {
		if p = strings.Trim(p, " :;,"); len(p) > len(longest) {
			longest = p
		}
	}
	return longest
}

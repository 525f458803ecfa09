package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A threat is a row of the table of threats.
type threat struct {
	row   int
	name  string
	tests []string
}

// threats are what an enemy may try, by the numbers of the design's table, and the tests that prove that he fails, as
// "package.Test". Those that have a long form run it with SC_LONG=1.
var threats = []threat{
	{1, "forged announcements", []string{"cmd/sc.TestThreat01ForgedAnnouncements", "discovery/beacon.TestAcceptRefusesRubbish", "discovery/beacon.TestRogueHost"}},
	{2, "replayed announcements, forged goodbyes", []string{"cmd/sc.TestThreat02ReplayedAnnouncements", "discovery/beacon.TestAccept"}},
	{3, "reflection by broadcast", []string{"cmd/sc.TestThreat03Reflection", "net/cluster.TestManners"}},
	{4, "reflection by a tracker", []string{"cmd/sc.TestThreat04ReflectionByTracker", "net/cluster.TestCrowdIsDialledInTurn"}},
	{5, "a tracker that is flooded", []string{"discovery/tracker.TestThreat05TrackerFlood", "discovery/tracker.TestAnnounceRefuses"}},
	{6, "slow callers of a tracker", []string{"discovery/tracker.TestThreat06Slowloris", "discovery/tracker.TestSlowCallers"}},
	{7, "a flood of handshakes", []string{"net/link.TestThreat07HandshakeFlood", "net/link.TestPendingIsBounded", "net/link.TestFloodMustProveAddresses"}},
	{8, "streams and windows that are used up", []string{"net/link.TestThreat08StreamsThatStall", "net/link.TestThreat08WindowOfAGuest", "net/link.TestSilentClient"}},
	{9, "known faults of what is built in", nil}, // .ci/run asks govulncheck
	{10, "messages that ask for more memory than there is", []string{"net/wire.TestRefusedCheaply", "vm/value.TestHostileFrames", "vm/value.TestCheckDoesNotAllocate", "net/link.TestGarbageAfterHello"}},
	{11, "answers that unpack to more memory than there is", []string{"discovery/tracker.TestThreat11DecompressionBomb"}},
	{12, "functions that use up processor or memory", []string{"vm/executor.TestBombs", "vm/executor.TestMemory"}},
	{13, "functions that leave the sandbox", []string{"vm/executor.TestEscapes", "vm/executor.TestNothingOfTheHostIsReachable", "vm/executor.TestAudit", "vm/executor.TestNothingIsAllowed"}},
	{14, "prototypes poisoned for the next task", []string{"vm/executor.TestPoison"}},
	{15, "hostile addresses of repositories", []string{"pkg/nodepkg.TestHostileURLs"}},
	{16, "repositories in the worker's own network", []string{"pkg/nodepkg.TestPrivateHosts"}},
	{17, "paths out of a task's folder", []string{"pkg/nodepkg.TestHostilePaths", "pkg/nodepkg.TestLinksLeadNowhere", "pkg/nodepkg.TestRacingLink"}},
	{18, "scripts of packages", []string{"pkg/nodepkg.TestScripts"}},
	{20, "secrets in the environment of tasks", []string{"cmd/sc.TestNoSecretLeaks", "pkg/proc.TestEnvironmentIsNotInherited"}},
	{21, "programs put in the way of git, npm and node", []string{"pkg/nodepkg.TestFakeGit"}},
	{22, "text that steers the terminal", []string{"cmd/sc.TestThreat22TerminalEscapes", "cmd/sc.TestTaskPrinter"}},
	{23, "the tasks of others", []string{"cmd/sc.TestThreat23OthersTasks"}},
	{24, "pages of other sites that ask a tracker", []string{"discovery/tracker.TestRefusals"}},
	{26, "folders and processes that are left", []string{"pkg/nodepkg.TestKilled", "vm/executor.TestNothingIsLeft", "pkg/proc.TestWholeTreeEnds"}},
	{28, "a key that is stripped, or a version that is lowered", []string{"cmd/sc.TestTrustMatrix", "net/link.TestNoHelloToStrangers", "net/link.TestVersionMismatch", "discovery/beacon.TestPacketChangedOnTheWay"}},
	{29, "another user at the discovery port", []string{"cmd/sc.TestThreat29PortHijack", "cmd/sc.TestPortTaken"}},
}

// mustProve are the rows that a release waits for.
var mustProve = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 28, 29}

// TestThreatsHaveTests: each test that the table names is there, and each row that must be proven is.
func TestThreatsHaveTests(t *testing.T) {
	checkTestsExist(t, func(yield func(row, test string)) {
		for _, th := range threats {
			for _, test := range th.tests {
				yield(th.name, test)
			}
		}
	})
	for _, row := range mustProve {
		if !slices.ContainsFunc(threats, func(th threat) bool { return th.row == row && (len(th.tests) > 0 || row == 9) }) {
			t.Errorf("row %d has no test", row)
		}
	}
	ci, err := os.ReadFile(filepath.Join("..", "..", ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{"govulncheck", "SC_NETLAB=required", "go test"} {
		if !strings.Contains(string(ci), needed) {
			t.Errorf(".ci/run has no %s, which the proof of threats needs", needed)
		}
	}
}

// checkTestsExist complains of tests that are named and not there.
func checkTestsExist(t *testing.T, each func(yield func(row, test string))) {
	t.Helper()
	there := make(map[string]bool)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		for _, decl := range tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				there[path.Dir(filepath.ToSlash(rel))+"."+f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	each(func(row, test string) {
		if !there[test] {
			t.Errorf("%s: there is no test %s", row, test)
		}
	})
}

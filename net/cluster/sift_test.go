package cluster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestQueryAgreesWithSift asks the npm package sift the same thousands of questions. Where sift leaves MongoDB's
// semantics the generator does not go: no array directly in an array, no question for null below an array of scalars,
// no negation of a field in $elemMatch, no empty $all, no $mod of what is no whole number, no $type but by the names that sift knows.
func TestQueryAgreesWithSift(t *testing.T) {
	dir := installSift(t)
	const total = 8000
	g := &generator{rnd: rand.New(rand.NewPCG(7, 8))}
	var questions bytes.Buffer
	var queries, docs [][]byte
	for range total {
		q, d := mustJSON(t, g.query(2)), mustJSON(t, g.document(2))
		queries, docs = append(queries, q), append(docs, d)
		questions.Write(mustJSON(t, []json.RawMessage{q, d}))
		questions.WriteByte('\n')
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", filepath.Join(dir, "sift.cjs"))
	cmd.Stdin, cmd.Stderr = &questions, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	answers := bufio.NewScanner(bytes.NewReader(out))
	n, holds := 0, 0
	for ; answers.Scan(); n++ {
		q, err := ParseQuery(queries[n])
		if err != nil {
			t.Fatalf("ParseQuery(%s): %v", queries[n], err)
		}
		ours := string(mustJSON(t, q.Match(docs[n], nil)))
		if theirs := answers.Text(); theirs != ours {
			t.Errorf("%s for %s: sift says %s, we %s", queries[n], docs[n], theirs, ours)
		}
		if ours == "true" {
			holds++
		}
	}
	if n != total || holds < total/10 || holds > total*9/10 {
		t.Errorf("%d answers to %d questions, of which %d hold: want some of each", n, total, holds)
	}
}

// installSift installs sift into a temporary folder, beside the script that asks it.
func installSift(t *testing.T) string {
	t.Helper()
	miss := t.Skipf
	if os.Getenv("SC_NPM") == "required" {
		miss = t.Fatalf
	}
	if testing.Short() {
		t.Skip("short")
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			miss("%v", err)
		}
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--prefix", dir, "sift@17")
	if out, err := cmd.CombinedOutput(); err != nil {
		miss("npm install sift: %v\n%s", err, out)
	}
	script, err := os.ReadFile("testdata/sift.cjs")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sift.cjs"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// generator makes documents and queries that have something to do with each other.
type generator struct{ rnd *rand.Rand }

type object = map[string]any

func (g *generator) pick(list ...any) any { return list[g.rnd.IntN(len(list))] }
func (g *generator) name() string         { return g.pick("a", "b", "c").(string) }

func (g *generator) scalar() any {
	return g.pick(0, 1, 2, 3, 1.5, -1, "x", "xy", "y", "", true, false, nil)
}

// some is a scalar that is not null.
func (g *generator) some() any {
	for {
		if v := g.scalar(); v != nil {
			return v
		}
	}
}

func (g *generator) document(depth int) object {
	d := object{}
	for range g.rnd.IntN(4) {
		d[g.name()] = g.value(depth)
	}
	if g.rnd.IntN(3) > 0 {
		d["n"] = g.pick(-3, 0, 1, 2, 7, []any{1, 2}, []any{5, 9})
	}
	return d
}

func (g *generator) value(depth int) any {
	switch k := g.rnd.IntN(10); {
	case k < 2 && depth > 0:
		return g.document(depth - 1)
	case k < 4:
		return g.list(g.some)
	case k < 6 && depth > 0:
		return g.list(func() any { return g.document(depth - 1) })
	}
	return g.some()
}

func (g *generator) list(item func() any) []any {
	list := []any{}
	for range 1 + g.rnd.IntN(3) {
		list = append(list, item())
	}
	return list
}

func (g *generator) query(depth int) object {
	q := object{}
	for range 1 + g.rnd.IntN(2) {
		if depth > 0 && g.rnd.IntN(4) == 0 {
			q[g.pick("$and", "$or", "$nor").(string)] = g.list(func() any { return g.query(depth - 1) })
			continue
		}
		switch path := g.name(); g.rnd.IntN(9) {
		case 0, 1, 2:
			q[path+"."+g.name()] = g.condition(depth, false)
		case 3:
			q["n"] = object{"$mod": []any{g.pick(2, 3), g.pick(0, 1)}} // n holds whole numbers only
		default:
			q[path] = g.condition(depth, true)
		}
	}
	return q
}

// condition is what is asked of a field; nulls says whether null may be.
func (g *generator) condition(depth int, nulls bool) any {
	switch g.rnd.IntN(6) {
	case 0:
		return g.some()
	case 1:
		return g.value(1)
	}
	c := object{}
	for range 1 + g.rnd.IntN(2) {
		op, operand := g.operator(depth, nulls)
		c[op] = operand
	}
	return c
}

func (g *generator) operator(depth int, nulls bool) (op string, operand any) {
	value := g.some
	if nulls {
		value = g.scalar
	}
	switch g.rnd.IntN(12) {
	case 0:
		return "$eq", value()
	case 1:
		return "$ne", g.some()
	case 2:
		return g.pick("$gt", "$gte", "$lt", "$lte").(string), g.some()
	case 3:
		return "$in", g.list(value)
	case 4:
		return "$nin", g.list(g.some)
	case 5:
		return "$exists", g.pick(true, false)
	case 6:
		return "$regex", g.pick("^x", "y$", "x?y", ".")
	case 7:
		return "$size", g.rnd.IntN(4)
	case 8:
		return "$all", g.list(g.some)
	case 9:
		return "$type", g.pick("number", "string", "bool", "array")
	case 10:
		return "$elemMatch", g.element(depth)
	}
	if depth == 0 {
		return "$exists", true
	}
	inner, operand := g.operator(0, nulls)
	return "$not", object{inner: operand}
}

// element is what $elemMatch asks: of the element itself, or of its fields.
func (g *generator) element(depth int) object {
	switch {
	case depth > 0 && g.rnd.IntN(3) == 0:
		return object{"$or": g.list(func() any { return object{g.name(): g.some()} })}
	case g.rnd.IntN(2) == 0:
		e := object{g.name(): g.some()}
		e[g.name()] = object{g.pick("$gt", "$lt", "$eq").(string): g.some()}
		return e
	}
	return object{g.pick("$gt", "$lt", "$gte").(string): g.some(), "$ne": g.some()}
}

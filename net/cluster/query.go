package cluster

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"supercluster/pkg/spell"
)

// Bounds of a query.
const (
	maxQueryDepth = 64       // $and in $and in …
	maxQueryBytes = 64 << 10 // of JSON
)

// Query selects workers by MongoDB's query language:
//
//	$eq $ne $gt $gte $lt $lte $in $nin $exists $type $mod $regex $options $size $all $elemMatch $not $and $or $nor
//
// with dotted paths and MongoDB's semantics of arrays: a path walks through the objects in an array, and an operator
// holds for an array if it holds for the array or for one of its elements. A path that begins with "$." leads into
// the host's facts. Where MongoDB knows the order of an object's keys, we do not: {a, b} equals {b, a}. Regular
// expressions are Go's (RE2), without look-around and back-references.
//
// See https://www.mongodb.com/docs/manual/reference/operator/query/. A Query is safe for concurrent use.
type Query struct{ root clause }

// document is what a query is asked about.
type document struct{ data, host any }

// clause is one condition on a document, or on an element of an array ($elemMatch).
type clause interface{ holds(d document) bool }

type (
	all     []clause // every one holds
	some    []clause // one holds
	negated struct{ clause }
)

func (c all) holds(d document) bool {
	for _, x := range c {
		if !x.holds(d) {
			return false
		}
	}
	return true
}

func (c some) holds(d document) bool {
	return slices.ContainsFunc(c, func(x clause) bool { return x.holds(d) })
}

func (c negated) holds(d document) bool { return !c.clause.holds(d) }

// field is the condition that test holds for what the path leads to.
type field struct {
	path []string
	host bool
	test test
}

func (c field) holds(d document) bool {
	v := d.data
	if c.host {
		v = d.host
	}
	return c.test.at(v, c.path)
}

// ParseQuery reads a query from a JSON object. Its error names the operator that is unknown, or the operand that does
// not fit.
func ParseQuery(query []byte) (*Query, error) {
	if len(query) > maxQueryBytes {
		return nil, fmt.Errorf("query of %d bytes, limit %d", len(query), maxQueryBytes)
	}
	var v any
	if err := json.Unmarshal(query, &v); err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("query: want an object, have %s", kindOf(v))
	}
	root, err := parseClauses(m, 0)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return &Query{root: root}, nil
}

// Match reports whether the query holds for a node with that data and those host facts; nil counts as an empty
// object, and so does what is not JSON.
func (q *Query) Match(data, host json.RawMessage) bool {
	return q.root.holds(document{data: facts(data), host: facts(host)})
}

// facts decodes what a node says of itself.
func facts(raw json.RawMessage) any {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return map[string]any{}
	}
	return v
}

// parseClauses reads the fields and logical operators of one object, in the order of their names, so that of several
// errors it is always the same one that is told.
func parseClauses(m map[string]any, depth int) (clause, error) {
	if depth > maxQueryDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxQueryDepth)
	}
	var c all
	for _, key := range sortedKeys(m) {
		one, err := parseClause(key, m[key], depth)
		if err != nil {
			return nil, err
		}
		c = append(c, one)
	}
	if len(c) == 1 {
		return c[0], nil
	}
	return c, nil
}

func parseClause(key string, v any, depth int) (clause, error) {
	switch key {
	case "$and", "$or", "$nor":
		list, err := parseList(key, v, depth)
		switch {
		case err != nil:
			return nil, err
		case key == "$and":
			return all(list), nil
		case key == "$or":
			return some(list), nil
		}
		return negated{some(list)}, nil
	}
	f := field{path: strings.Split(key, ".")}
	if f.path[0] == "$" {
		f.host, f.path = true, f.path[1:]
	} else if strings.HasPrefix(key, "$") {
		if slices.Contains(operators, key) {
			return nil, fmt.Errorf("%s stands below the name of a field, as {field: {%s: …}}", key, key)
		}
		return nil, unknownOperator(key)
	}
	t, err := parseTest(key, v, depth)
	f.test = t
	return f, err
}

// parseList reads the operand of a logical operator.
func parseList(op string, v any, depth int) ([]clause, error) {
	items, ok := v.([]any)
	if !ok || len(items) == 0 {
		return nil, fmt.Errorf("%s: want an array of queries, have %s", op, kindOf(v))
	}
	list := make([]clause, len(items))
	for i, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s[%d]: want a query, have %s", op, i, kindOf(item))
		}
		c, err := parseClauses(m, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", op, i, err)
		}
		list[i] = c
	}
	return list, nil
}

func unknownOperator(op string) error {
	if near := spell.Nearest(op, append(slices.Clone(operators), "$and", "$or", "$nor")); near != "" {
		return fmt.Errorf("unknown operator %q; did you mean %q?", op, near)
	}
	return fmt.Errorf("unknown operator %q", op)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// kindOf names the type of a JSON value for an error.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		if len(v) == 0 {
			return "an empty array"
		}
		return "an array"
	}
	return "an object"
}

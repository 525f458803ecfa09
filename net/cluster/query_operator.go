package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// operators are those that stand below a field.
var operators = []string{
	"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$mod", "$regex", "$options",
	"$size", "$all", "$elemMatch", "$not",
}

// test is a condition on what a path leads to.
type test interface {
	at(v any, path []string) bool
}

// every is a test that holds if all its parts do, each by itself: {$gt: 1, $lt: 3} holds for [0, 5].
type every []test

func (t every) at(v any, path []string) bool {
	for _, x := range t {
		if !x.at(v, path) {
			return false
		}
	}
	return true
}

// not is a test that holds if another does not: {$ne: 1} holds for an array that has no 1 in it.
type not struct{ test }

func (t not) at(v any, path []string) bool { return !t.test.at(v, path) }

// one is a test that holds if its function does for any value that the path leads to. A nil value with present false
// says that there is none.
type one struct {
	holds func(v any, present bool) bool
	whole bool // an array is taken as it is, without a look at its elements
}

func (t one) at(v any, path []string) bool { return walk(v, path, t) }

// walk calls t for each value that path leads to from v, until it holds.
func walk(v any, path []string, t one) bool {
	if len(path) == 0 {
		if list, ok := v.([]any); ok && !t.whole {
			for _, item := range list {
				if t.holds(item, true) {
					return true
				}
			}
		}
		return t.holds(v, true)
	}
	switch v := v.(type) {
	case map[string]any:
		next, ok := v[path[0]]
		if !ok {
			return t.holds(nil, false)
		}
		return walk(next, path[1:], t)
	case []any:
		return walkArray(v, path, t)
	}
	return t.holds(nil, false)
}

// walkArray takes the first step of path as an index, if it is one, and as the name of a field of the elements.
func walkArray(list []any, path []string, t one) bool {
	i, isIndex := index(path[0])
	if isIndex && i < len(list) && walk(list[i], path[1:], t) {
		return true
	}
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			if _, has := m[path[0]]; (has || !isIndex) && walk(m, path, t) {
				return true
			}
		}
	}
	return false
}

// index reads a place in an array: digits, at most nine.
func index(s string) (i int, ok bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		i = i*10 + int(c-'0')
	}
	return i, true
}

// parseTest reads what is asked of a field: operators, or a value to be equal to.
func parseTest(name string, v any, depth int) (test, error) {
	m, ok := v.(map[string]any)
	if !ok || !hasOperator(m) {
		return equal(v), nil
	}
	if depth > maxQueryDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxQueryDepth)
	}
	var t every
	for _, op := range sortedKeys(m) {
		if !strings.HasPrefix(op, "$") {
			return nil, fmt.Errorf("%s: operators and the field %q in one object", name, op)
		}
		x, err := parseOperator(op, m, depth)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if x != nil {
			t = append(t, x)
		}
	}
	if len(t) == 1 {
		return t[0], nil
	}
	return t, nil
}

func hasOperator(m map[string]any) bool {
	for k := range m {
		if strings.HasPrefix(k, "$") {
			return true
		}
	}
	return false
}

// parseOperator reads the operator op of m; the test is nil if it only modifies another.
func parseOperator(op string, m map[string]any, depth int) (test, error) {
	v := m[op]
	switch op {
	case "$eq":
		return equal(v), nil
	case "$ne":
		return not{equal(v)}, nil
	case "$gt", "$gte", "$lt", "$lte":
		return parseOrder(op, v)
	case "$in":
		return parseIn(op, v)
	case "$nin":
		t, err := parseIn(op, v)
		return not{t}, err
	case "$exists":
		return parseExists(v), nil
	case "$type":
		return parseType(v)
	case "$mod":
		return parseMod(v)
	case "$regex":
		return parseRegex(v, m["$options"])
	case "$options":
		if _, ok := m["$regex"]; !ok {
			return nil, errors.New("$options without $regex")
		}
		return nil, nil
	case "$size":
		n, ok := v.(float64)
		if !ok || n < 0 || n != math.Trunc(n) {
			return nil, fmt.Errorf("$size: want a whole number, have %s", kindOf(v))
		}
		return one{whole: true, holds: func(v any, _ bool) bool {
			list, ok := v.([]any)
			return ok && float64(len(list)) == n
		}}, nil
	case "$all":
		return parseAll(v, depth)
	case "$elemMatch":
		return parseElemMatch(v, depth)
	case "$not":
		if m, ok := v.(map[string]any); !ok || !hasOperator(m) {
			return nil, fmt.Errorf("$not: want an object of operators, have %s", kindOf(v))
		}
		t, err := parseTest("$not", v, depth+1)
		return not{t}, err
	case "$and", "$or", "$nor":
		return nil, fmt.Errorf("%s stands beside the names of fields, not below one", op)
	}
	return nil, unknownOperator(op)
}

// equal holds for v, and for what is missing if v is null.
func equal(v any) test {
	return one{holds: func(have any, _ bool) bool { return same(have, v) }}
}

// same compares JSON values; missing counts as null.
func same(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, x := range a {
			y, has := b[k]
			if !has || !same(x, y) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}

// parseOrder reads a comparison: numbers with numbers, strings with strings by their bytes, booleans, and null, which
// is only equal to itself.
func parseOrder(op string, v any) (test, error) {
	switch v.(type) {
	case []any, map[string]any:
		return nil, fmt.Errorf("%s: want a number, string, boolean or null, have %s", op, kindOf(v))
	}
	return one{holds: func(have any, _ bool) bool {
		c, ok := order(have, v)
		switch {
		case !ok:
			return false
		case op == "$gt":
			return c > 0
		case op == "$gte":
			return c >= 0
		case op == "$lt":
			return c < 0
		}
		return c <= 0
	}}, nil
}

// order compares two values of one type; ok is false if they are of different types.
func order(a, b any) (c int, ok bool) {
	switch a := a.(type) {
	case nil:
		return 0, b == nil
	case float64:
		b, ok := b.(float64)
		return cmp.Compare(a, b), ok
	case string:
		b, ok := b.(string)
		return cmp.Compare(a, b), ok
	case bool:
		b, ok := b.(bool)
		return cmp.Compare(truth(a), truth(b)), ok
	}
	return 0, false
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func parseExists(v any) test {
	t := one{whole: true, holds: func(_ any, present bool) bool { return present }}
	if v == nil || v == false || v == 0.0 || v == "" {
		return not{t}
	}
	return t
}

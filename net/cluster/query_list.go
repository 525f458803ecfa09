package cluster

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// parseIn reads a list of values, of which one must be equal; a regular expression, as {$regex: …}, may stand for one.
func parseIn(op string, v any) (test, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: want an array, have %s", op, kindOf(v))
	}
	tests := make([]one, len(list))
	for i, item := range list {
		t, err := parseMember(item)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", op, i, err)
		}
		tests[i] = t
	}
	return one{holds: func(v any, present bool) bool {
		return slices.ContainsFunc(tests, func(t one) bool { return t.holds(v, present) })
	}}, nil
}

// parseMember reads a value in a list.
func parseMember(v any) (one, error) {
	m, ok := v.(map[string]any)
	if !ok || !hasOperator(m) {
		return equal(v).(one), nil
	}
	pattern, ok := m["$regex"]
	options, hasOptions := m["$options"]
	if !ok || len(m) > 2 || len(m) == 2 && !hasOptions {
		return one{}, errors.New("of the operators only $regex may stand in a list")
	}
	t, err := parseRegex(pattern, options)
	if err != nil {
		return one{}, err
	}
	return t.(one), nil
}

// parseAll reads a list of values of which each must be equal to the value or to one of its elements; an element may
// be described by $elemMatch. The empty list holds for nothing.
func parseAll(v any, depth int) (test, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("$all: want an array, have %s", kindOf(v))
	}
	t := every{}
	for i, item := range list {
		var x test
		var err error
		if m, ok := item.(map[string]any); ok && len(m) == 1 && m["$elemMatch"] != nil {
			x, err = parseElemMatch(m["$elemMatch"], depth+1)
		} else {
			x, err = parseMember(item)
		}
		if err != nil {
			return nil, fmt.Errorf("$all[%d]: %w", i, err)
		}
		t = append(t, x)
	}
	if len(t) == 0 {
		return one{holds: func(any, bool) bool { return false }}, nil
	}
	return t, nil
}

// parseElemMatch reads a query that one element of an array must satisfy as a whole.
func parseElemMatch(v any, depth int) (test, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("$elemMatch: want an object, have %s", kindOf(v))
	}
	matches, err := parseElement(m, depth+1)
	if err != nil {
		return nil, fmt.Errorf("$elemMatch: %w", err)
	}
	return one{whole: true, holds: func(v any, _ bool) bool {
		list, ok := v.([]any)
		return ok && slices.ContainsFunc(list, matches)
	}}, nil
}

// parseElement reads either operators on the element itself, or conditions on its fields.
func parseElement(m map[string]any, depth int) (func(any) bool, error) {
	for op := range m {
		if slices.Contains(operators, op) {
			t, err := parseTest("element", m, depth)
			return func(v any) bool { return t.at(v, nil) }, err
		}
	}
	c, err := parseClauses(m, depth)
	return func(v any) bool {
		switch v.(type) {
		case map[string]any, []any:
			return c.holds(document{data: v})
		}
		return false
	}, err
}

// parseRegex reads a regular expression; options are i (any case), m (^ and $ at each line) and s (. is also a line
// end); u and g, of JavaScript, change nothing here.
func parseRegex(pattern, options any) (test, error) {
	p, ok := pattern.(string)
	if !ok {
		return nil, fmt.Errorf("$regex: want a string, have %s", kindOf(pattern))
	}
	o, ok := options.(string)
	if options != nil && !ok {
		return nil, fmt.Errorf("$options: want a string, have %s", kindOf(options))
	}
	if bad := strings.Trim(o, "imsug"); bad != "" {
		return nil, fmt.Errorf("$options: unknown option %q; known are i, m, s, u and g", bad)
	}
	if flags := strings.Map(keepFlags, o); flags != "" {
		p = "(?" + flags + ")" + p
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return nil, fmt.Errorf("$regex: %w", err)
	}
	return one{holds: func(v any, _ bool) bool {
		s, ok := v.(string)
		return ok && re.MatchString(s)
	}}, nil
}

func keepFlags(r rune) rune {
	if r == 'u' || r == 'g' {
		return -1
	}
	return r
}

// parseMod reads [divisor, remainder].
func parseMod(v any) (test, error) {
	list, ok := v.([]any)
	if !ok || len(list) != 2 {
		return nil, fmt.Errorf("$mod: want [divisor, remainder], have %s", kindOf(v))
	}
	divisor, ok1 := list[0].(float64)
	remainder, ok2 := list[1].(float64)
	if !ok1 || !ok2 || math.Trunc(divisor) == 0 {
		return nil, errors.New("$mod: want two numbers, the first not zero")
	}
	divisor, remainder = math.Trunc(divisor), math.Trunc(remainder)
	return one{holds: func(v any, _ bool) bool {
		n, ok := v.(float64)
		return ok && math.Mod(math.Trunc(n), divisor) == remainder
	}}, nil
}

// typeNames are MongoDB's names of the types that JSON knows, and their numbers.
var typeNames = map[string]float64{
	"double": 1, "string": 2, "object": 3, "array": 4, "bool": 8, "null": 10, "int": 16, "long": 18, "number": -2,
}

// parseType reads the name or number of a type, or a list of them.
func parseType(v any) (test, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) == 0 {
		return nil, errors.New("$type: want a type, have an empty array")
	}
	var codes []float64
	for _, item := range list {
		code, ok := item.(float64)
		if name, isName := item.(string); isName {
			code, ok = typeNames[name]
		}
		if !ok || !slices.Contains(slices.Collect(maps.Values(typeNames)), code) {
			return nil, fmt.Errorf("$type: unknown type %v; known are double, string, object, array, bool, null, int, long and number", item)
		}
		codes = append(codes, code)
	}
	return one{holds: func(v any, present bool) bool {
		return present && slices.ContainsFunc(codes, func(c float64) bool { return isType(v, c) })
	}}, nil
}

// isType reports whether v is of the type with that number. A whole number is an int or, beyond 32 bits, a long; any
// other is a double.
func isType(v any, code float64) bool {
	switch v := v.(type) {
	case nil:
		return code == typeNames["null"]
	case bool:
		return code == typeNames["bool"]
	case string:
		return code == typeNames["string"]
	case []any:
		return code == typeNames["array"]
	case map[string]any:
		return code == typeNames["object"]
	case float64:
		name := "double"
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			name = "long"
			if v >= math.MinInt32 && v <= math.MaxInt32 {
				name = "int"
			}
		}
		return code == typeNames["number"] || code == typeNames[name]
	}
	return false
}

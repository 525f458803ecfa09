package jsapi

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"supercluster/net/cluster"
)

// amountField takes a number that is not negative, or a size such as "512MB".
func amountField(to cluster.Resources, name string) field {
	return func(path string, v goja.Value) error {
		amount, ok := number(v)
		if text, isText := v.Export().(string); isText {
			amount, ok = parseSize(text)
		}
		if !ok || !(amount >= 0) || math.IsInf(amount, 0) {
			return badOption("%s must be a number from 0, or a size such as \"512MB\", not %s", path, describe(v))
		}
		to[name] = amount
		return nil
	}
}

// ParseResources reads amounts by name, as a command line has them: "gpu=1,memory=4GB".
func ParseResources(text string) (cluster.Resources, error) {
	r := make(cluster.Resources)
	for part := range strings.SplitSeq(text, ",") {
		name, amount, ok := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("%q is not of the form name=amount", part)
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(amount), 64)
		if err != nil {
			n, ok = parseSize(strings.TrimSpace(amount))
		}
		if !ok || !(n >= 0) || math.IsInf(n, 0) {
			return nil, fmt.Errorf("%s: %q is neither a number from 0 nor a size such as 512MB", name, amount)
		}
		r[name] = n
	}
	return r, nil
}

// parseSize reads a number of bytes with its unit, of which MB and MiB mean the same.
func parseSize(text string) (bytes float64, ok bool) {
	digits := strings.TrimRight(text, "kKMGTiB")
	unit := strings.TrimSuffix(strings.TrimSuffix(text[len(digits):], "B"), "i")
	shift := map[string]int{"": 0, "k": 10, "K": 10, "M": 20, "G": 30, "T": 40}
	n, known := shift[unit]
	amount, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	return math.Ldexp(amount, n), known && err == nil && text != digits
}

// resourcesField takes amounts by name.
func resourcesField(rt *goja.Runtime, to *cluster.Resources) field {
	return func(path string, v goja.Value) error {
		r := make(cluster.Resources)
		fields := make(map[string]field)
		if obj, ok := v.(*goja.Object); ok {
			for _, name := range obj.Keys() {
				fields[name] = amountField(r, name)
			}
		}
		err := readOptions(rt, path, v, fields)
		*to = r
		return err
	}
}

// stepsField takes resources, or an array of them: one for each attempt.
func stepsField(rt *goja.Runtime, to *[]cluster.Resources) field {
	return func(path string, v goja.Value) error {
		steps := []goja.Value{v}
		if obj, ok := v.(*goja.Object); ok && obj.ClassName() == "Array" {
			steps = nil
			if err := rt.ExportTo(v, &steps); err != nil || len(steps) == 0 {
				return badOption("%s must not be an empty array", path)
			}
		}
		for _, step := range steps {
			var r cluster.Resources
			if err := resourcesField(rt, &r)(path, step); err != nil {
				return err
			}
			*to = append(*to, r)
		}
		return nil
	}
}

// backoffField takes the wait before the first retry, or {type, delay, jitter}.
func backoffField(rt *goja.Runtime, spec *cluster.Spec) field {
	return func(path string, v goja.Value) error {
		if obj, ok := v.(*goja.Object); !ok || isFunction(obj) {
			return durationField(&spec.Backoff)(path, v)
		}
		kind := "exponential"
		err := readOptions(rt, path, v, map[string]field{
			"type":   choiceField(&kind, "exponential", "fixed"),
			"delay":  durationField(&spec.Backoff),
			"jitter": fractionField(&spec.Jitter),
		})
		spec.Steady = kind == "fixed"
		return err
	}
}

// fractionField takes a number from 0 to 1.
func fractionField(to *float64) field {
	return func(path string, v goja.Value) error {
		n, ok := number(v)
		if !ok || !(n >= 0 && n <= 1) {
			return badOption("%s must be a number from 0 to 1, not %s", path, describe(v))
		}
		*to = n
		return nil
	}
}

func callableField(to *goja.Callable) field {
	return func(path string, v goja.Value) error {
		f, ok := goja.AssertFunction(v)
		if !ok {
			return badOption("%s must be a function, not %s", path, describe(v))
		}
		*to = f
		return nil
	}
}

package jsapi

import (
	"context"
	"math"
	"slices"

	"github.com/dop251/goja"

	"supercluster/vm"
	"supercluster/vm/executor"
	"supercluster/vm/grant"
)

// Limits bound what one task of a worker may take; zero means the default of
// executor.Config.
type Limits = executor.Limits

// allowField takes {read: true | paths, write, net, env, run, packages: true}
// or true for all.
func allowField(rt *goja.Runtime, to *grant.Permissions) field {
	return func(path string, v goja.Value) error {
		*to = grant.Permissions{}
		if all, ok := v.Export().(bool); ok {
			to.All = all
			return nil
		}
		fields := map[string]field{grant.Packages: boolField(&to.Packages), "all": boolField(&to.All)}
		for _, kind := range grant.Kinds {
			if list := to.Of(kind); list != nil {
				fields[kind] = listField(rt, list)
			}
		}
		return readOptions(rt, path, v, fields)
	}
}

// listField takes true, false, a string or an array of strings.
func listField(rt *goja.Runtime, to *grant.List) field {
	return func(path string, v goja.Value) error {
		switch x := v.Export().(type) {
		case bool:
			to.All = x
			return nil
		case string:
			to.Items = []string{x}
		case []any:
			if err := rt.ExportTo(v, &to.Items); err != nil || len(x) == 0 {
				return badOption("%s must be true or an array of strings, not %s", path, describe(v))
			}
			for _, one := range x {
				if _, ok := one.(string); !ok {
					return badOption("%s must be true or an array of strings, not %s", path, describe(v))
				}
			}
		default:
			return badOption("%s must be true or an array of strings, not %s", path, describe(v))
		}
		if slices.Contains(to.Items, "") {
			return badOption("%s holds an empty string", path)
		}
		return nil
	}
}

// limitsField takes {time, cpu, memory, output, result}: milliseconds, and
// bytes.
func limitsField(rt *goja.Runtime, to *Limits) field {
	return func(path string, v goja.Value) error {
		return readOptions(rt, path, v, map[string]field{
			"time":   durationField(&to.Time),
			"cpu":    durationField(&to.CPU),
			"memory": sizeField(&to.Memory, executor.MinMemory),
			"output": sizeField(&to.Output, 1),
			"result": sizeField(&to.Result, 1),
		})
	}
}

func sizeField(to *int64, least int64) field {
	return func(path string, v goja.Value) error {
		f := v.ToFloat()
		if _, isText := v.Export().(string); isText || math.IsNaN(f) || f < float64(least) || f > 1<<50 || f != math.Trunc(f) {
			return badOption("%s must be a whole number of bytes, at least %d, not %s", path, least, describe(v))
		}
		*to = int64(f)
		return nil
	}
}

// An askingHost hears of a task, and carries out what it asks.
type askingHost struct {
	taskHost
	asks *grant.Session
}

// Ask carries out a request of the task.
func (h askingHost) Ask(ctx context.Context, request []byte) ([]byte, error) {
	answer := h.asks.Ask(ctx, request)
	return answer, ctx.Err()
}

// grantsOf are the grants of a member's task by kinds of permissions.
func grantsOf(kinds []string) vm.Grants {
	var g vm.Grants
	for kind, one := range map[string]vm.Grants{
		grant.Read: vm.GrantRead, grant.Write: vm.GrantWrite, grant.Net: vm.GrantNet, grant.Env: vm.GrantEnv, grant.Run: vm.GrantRun,
	} {
		if slices.Contains(kinds, kind) {
			g |= one
		}
	}
	return g
}

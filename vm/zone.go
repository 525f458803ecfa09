package vm

import (
	"strings"
	"time"
	_ "time/tzdata" // a task can read no file, and Windows has none of zones

	"github.com/dop251/goja"
)

// zone(name, milliseconds) → [name, seconds east of Greenwich at that time, abbreviation], undefined for a zone that
// there is not. The name "" is the zone of this machine, whose name is not known unless it is UTC.
func (g *globals) zone(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	at := time.UnixMilli(call.Argument(1).ToInteger())
	loc := time.Local
	switch upper := strings.ToUpper(name); {
	case upper == "UTC" || upper == "GMT":
		loc, name = time.UTC, "UTC"
	case name != "":
		var err error
		if loc, err = time.LoadLocation(name); err != nil || name == "Local" {
			return nil
		}
	}
	short, seconds := at.In(loc).Zone()
	if name == "" && short == "UTC" && seconds == 0 {
		name = "UTC"
	}
	return g.rt.NewArray(name, seconds, short)
}

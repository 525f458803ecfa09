package node

import (
	"strings"
	"testing"
)

// TestWhatIsNotV8: what only V8 could do says so, and names the way out.
func TestWhatIsNotV8(t *testing.T) {
	r := run(t, `const v8 = require('v8');
for (const [name, call] of Object.entries({ getHeapSnapshot: () => v8.getHeapSnapshot(), writeHeapSnapshot: () => v8.writeHeapSnapshot('x'),
	getHeapCodeStatistics: v8.getHeapCodeStatistics, GCProfiler: () => new v8.GCProfiler(), 'promiseHooks.onInit': () => v8.promiseHooks.onInit(() => {}) })) {
	try { call(); console.log('no error', name); } catch (e) { console.log(e.code, e.message.includes(name) && e.message.includes('node')); }
}
console.log(v8.takeCoverage(), v8.stopCoverage());
process.env.NODE_V8_COVERAGE = 'dir';
try { v8.takeCoverage(); } catch (e) { console.log(e.code); }
try { v8.startupSnapshot.addSerializeCallback(() => {}); } catch (e) { console.log(e.code); }`, "")
	want := strings.Repeat("ERR_FEATURE_UNAVAILABLE_ON_PLATFORM true\n", 5) +
		"undefined undefined\nERR_FEATURE_UNAVAILABLE_ON_PLATFORM\nERR_NOT_BUILDING_SNAPSHOT\n"
	if r.stdout != want {
		t.Errorf("printed %q, want %q (stderr %q)", r.stdout, want, r.stderr)
	}
}

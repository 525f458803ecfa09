package loader

import (
	"strings"
	"testing"
)

// TestFlagV runs patterns with flag v, some of which real packages have.
func TestFlagV(t *testing.T) {
	text := `const rgi = /^\p{RGI_Emoji}$/v, zero = /^(?:\p{Default_Ignorable_Code_Point}|\p{Control}|\p{Format}|\p{Mark})+$/v;
console.log(['😀', '👍🏽', '👨‍👩‍👧', '🇩🇪', '1️⃣', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'].map(s => rgi.test(s)).join());
console.log(['a', '1', '❤', '😀😀'].map(s => rgi.test(s)).join());
console.log(zero.test('\u0301\u200d'), zero.test('a'), /[\p{L}--[a-z]]/v.test('a'), /[\p{L}--[a-z]]/v.test('B'), /[a-z&&[aeiou]]/gv.flags);`
	r := script(t, write(t, "m.js", text), "m.js")
	want := "true,true,true,true,true,true,true\nfalse,false,false,false\ntrue false false true gv\n"
	if got := r.out.String(); got != want || r.err != nil {
		t.Errorf("printed\n%s\nwant\n%s\n%s", got, want, strings.TrimSpace(r.report.Text))
	}
}

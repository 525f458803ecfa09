package vm

import (
	"strconv"
	"strings"
	"unicode"
)

// propertySpans is the code points of a Unicode property as ECMA-262 names it
// (https://tc39.es/ecma262/#table-binary-unicode-properties): General_Category=L, gc=L, L, Script=Greek, sc=Greek, Emoji.
// Go's tables decide, those of its Unicode version; script extensions are taken for scripts.
func propertySpans(prop string) ([]span, bool) {
	name, value, pair := strings.Cut(prop, "=")
	if pair {
		switch name {
		case "Script", "sc", "Script_Extensions", "scx":
			t, ok := unicode.Scripts[value]
			return spansOf(t), ok
		case "General_Category", "gc":
			return category(value)
		}
		return nil, false
	}
	if spans, ok := derived(prop); ok {
		return spans, true
	}
	if list, ok := emojiTables[prop]; ok {
		return parseSpans(list), true
	}
	if spans, ok := category(prop); ok {
		return spans, true
	}
	t, ok := unicode.Properties[prop]
	return spansOf(t), ok
}

// category finds a general category by its short or long name.
func category(name string) ([]span, bool) {
	if short, ok := unicode.CategoryAliases[name]; ok {
		name = short
	}
	t, ok := unicode.Categories[name]
	return spansOf(t), ok
}

// derived is the properties that Unicode makes of others (https://www.unicode.org/reports/tr44/#Property_List).
func derived(prop string) ([]span, bool) {
	switch prop {
	case "Any":
		return []span{{0, unicode.MaxRune}}, true
	case "Assigned":
		spans, _ := category("Cn")
		return complement(spans), true
	case "ASCII":
		return []span{{0, 0x7f}}, true
	case "Alphabetic", "Alpha":
		return spansOf(unicode.L, unicode.Nl, unicode.Other_Alphabetic), true
	case "Uppercase", "Upper":
		return spansOf(unicode.Lu, unicode.Other_Uppercase), true
	case "Lowercase", "Lower":
		return spansOf(unicode.Ll, unicode.Other_Lowercase), true
	case "ID_Start", "IDS", "XID_Start", "XIDS":
		return spansOf(unicode.L, unicode.Nl, unicode.Other_ID_Start), true
	case "ID_Continue", "IDC", "XID_Continue", "XIDC":
		return spansOf(unicode.L, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Start, unicode.Other_ID_Continue), true
	case "space":
		return spansOf(unicode.White_Space), true
	case "Default_Ignorable_Code_Point", "DI":
		all := spansOf(unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
		not := append(spansOf(unicode.White_Space, unicode.Prepended_Concatenation_Mark), span{0xfff9, 0xfffb}, span{0x13430, 0x13440})
		return intersect(all, complement(merge(not))), true
	}
	return nil, false
}

// spansOf is the code points of all tables.
func spansOf(tables ...*unicode.RangeTable) []span {
	var all []span
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			all = append(all, span{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			all = append(all, span{r, r})
		}
	}
	for _, t := range tables {
		if t == nil {
			continue
		}
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return merge(all)
}

// parseSpans reads the form of emojiTables: hexadecimal code points, "a" or "a-b".
func parseSpans(list string) (spans []span) {
	for _, f := range strings.Fields(list) {
		lo, hi, ok := strings.Cut(f, "-")
		if !ok {
			hi = lo
		}
		a, _ := strconv.ParseInt(lo, 16, 32)
		b, _ := strconv.ParseInt(hi, 16, 32)
		spans = append(spans, span{rune(a), rune(b)})
	}
	return spans
}

// sequences is a pattern for a property of strings, flag v's. It matches what has the form of such a sequence,
// whether or not Unicode recommends it (https://www.unicode.org/reports/tr51/#Emoji_Sets).
func sequences(prop string) (string, bool) {
	const (
		flag   = `[\u{1f1e6}-\u{1f1ff}]{2}`
		keycap = `[0-9#*]\ufe0f\u20e3`
		tag    = `\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}`
	)
	set := func(name string) string { return (&charSet{spans: parseSpans(emojiTables[name])}).pattern() }
	pictures := (&charSet{spans: intersect(parseSpans(emojiTables["Emoji"]), parseSpans(emojiTables["Extended_Pictographic"]))}).pattern()
	modified := set("Emoji_Modifier_Base") + set("Emoji_Modifier")
	basic := set("Emoji_Presentation") + `(?!\ufe0f)|` + pictures + `\ufe0f`
	element := "(?:" + modified + "|" + set("Emoji_Presentation") + `\ufe0f?|` + pictures + `\ufe0f)`
	switch prop {
	case "RGI_Emoji":
		return "(?:" + tag + "|" + flag + "|" + keycap + "|" + element + `(?:\u200d` + element + ")*)", true
	case "Basic_Emoji":
		return "(?:" + basic + ")", true
	case "Emoji_Keycap_Sequence":
		return keycap, true
	case "RGI_Modifier_Sequence":
		return modified, true
	case "RGI_Flag_Sequence":
		return flag, true
	case "RGI_Emoji_Tag_Sequence":
		return tag, true
	case "RGI_ZWJ_Element", "RGI_Emoji_ZWJ_Sequence":
		return element + `(?:\u200d` + element + ")+", true
	}
	return "", false
}

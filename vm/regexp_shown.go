package vm

import (
	"encoding/hex"
	"strings"

	"github.com/dop251/goja"
)

// A pattern that was translated ends with the user's own, in hexadecimal digits within a class that is never tried, as
// it stands after an empty alternative: source, flags and toString read that.
const (
	shownOpen  = "(?:|[!"
	shownClose = "!])"
)

// withShown adds to a translated pattern the pattern and the flags that it was made of.
func withShown(fitting, pattern, flags string) string {
	return fitting + shownOpen + flags + ":" + hex.EncodeToString([]byte(pattern)) + shownClose
}

// shownIn returns the pattern that a translated one was made of, and whether that had flag v; ok is false for a pattern
// that is the user's own.
func shownIn(source string) (pattern string, v, ok bool) {
	if !strings.HasSuffix(source, shownClose) {
		return "", false, false
	}
	i := strings.LastIndex(source, shownOpen)
	if i < 0 {
		return "", false, false
	}
	flags, digits, _ := strings.Cut(source[i+len(shownOpen):len(source)-len(shownClose)], ":")
	b, err := hex.DecodeString(digits)
	return string(b), strings.Contains(flags, "v"), err == nil
}

// isRegExp reports whether v is a RegExp, whatever its properties are.
func isRegExp(v goja.Value) bool {
	o, ok := v.(*goja.Object)
	return ok && o.ClassName() == "RegExp" && o.ExportType() == exportsObject
}

// showRegexps has source, flags, unicodeSets and toString of RegExp say what the user wrote, not what it was translated
// to, and an unescaped slash as V8 does.
func (g *globals) showRegexps() {
	proto := g.rt.GlobalObject().Get("RegExp").ToObject(g.rt).Get("prototype").ToObject(g.rt)
	g.wrapGetter(proto, "source", func(_, was goja.Value) goja.Value {
		text := was.String()
		if pattern, _, ok := shownIn(text); ok {
			return g.rt.ToValue(escapePattern(pattern))
		}
		if strings.Contains(text, `\u002f`) && !strings.Contains(text, "\uFFFD") {
			return g.rt.ToValue(slashes(text))
		}
		return was
	})
	hasV := func(this goja.Value) bool {
		if !isRegExp(this) {
			return false
		}
		_, v, _ := shownIn(builtins.regexpSource(goja.FunctionCall{This: this}).String())
		return v
	}
	g.wrapGetter(proto, "flags", func(this, was goja.Value) goja.Value {
		if text := was.String(); strings.Contains(text, "u") && hasV(this) {
			return g.rt.ToValue(strings.Replace(text, "u", "v", 1))
		}
		return was
	})
	sets := g.native("get unicodeSets", 0, func(call goja.FunctionCall) goja.Value {
		switch {
		case isRegExp(call.This):
			return g.rt.ToValue(hasV(call.This))
		case call.This == proto:
			return nil
		}
		panic(g.rt.NewTypeError("RegExp.prototype.unicodeSets getter called on a value that is no RegExp"))
	})
	_ = proto.DefineAccessorProperty("unicodeSets", sets, nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	setHidden(proto, "toString", g.native("toString", 0, func(call goja.FunctionCall) goja.Value {
		o, ok := call.This.(*goja.Object)
		if !ok {
			panic(g.rt.NewTypeError("RegExp.prototype.toString called on a value that is no object"))
		}
		text := []goja.Value{g.rt.ToValue("/"), o.Get("source"), g.rt.ToValue("/"), o.Get("flags")}
		whole := goja.Value(g.rt.ToValue(""))
		for _, part := range text {
			if part == nil {
				part = goja.Undefined()
			}
			whole = g.concat(whole, part)
		}
		return whole
	}))
}

// replaceOnce gives RegExp a Symbol.replace that replaces no more than the first match if the flags have u and no g:
// goja's second engine replaces all of them in a text that is not ASCII. Its way for what is no RegExp does not.
func (g *globals) replaceOnce() {
	proto := g.rt.GlobalObject().Get("RegExp").ToObject(g.rt).Get("prototype").ToObject(g.rt)
	replace, ok := proto.GetSymbol(goja.SymReplace).Export().(func(goja.FunctionCall) goja.Value)
	if !ok || g.once {
		return
	}
	g.once = true
	get := make(map[byte]func(goja.FunctionCall) goja.Value)
	for _, f := range builtins.regexpFlags {
		get[f.letter] = f.get
	}
	global, unicode := get['g'], get['u']
	own := g.native("[Symbol.replace]", 2, func(call goja.FunctionCall) goja.Value {
		this := goja.FunctionCall{This: call.This}
		if isRegExp(call.This) && unicode(this).ToBoolean() && !global(this).ToBoolean() {
			call.This = g.firstOf(call.This.(*goja.Object))
		}
		return replace(call)
	})
	_ = proto.DefineDataPropertySymbol(goja.SymReplace, own, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// firstOf is an object that matches as re does, and is no RegExp.
func (g *globals) firstOf(re *goja.Object) *goja.Object {
	o := g.rt.NewObject()
	_ = o.Set("flags", "u")
	_ = o.Set("exec", func(call goja.FunctionCall) goja.Value {
		exec, ok := goja.AssertFunction(re.Get("exec"))
		if !ok {
			panic(g.rt.NewTypeError("RegExp's exec is not a function"))
		}
		m, err := exec(re, call.Arguments...)
		if err != nil {
			panic(rethrow(g.rt, err))
		}
		return m
	})
	return o
}

// concat joins two values as strings, keeping lone surrogates.
func (g *globals) concat(a, b goja.Value) goja.Value {
	return builtins.stringConcat(goja.FunctionCall{This: a.ToString(), Arguments: []goja.Value{b.ToString()}})
}

// wrapGetter gives what is made of the value of an inherited getter, for the object that was asked.
func (g *globals) wrapGetter(proto *goja.Object, name string, show func(this, was goja.Value) goja.Value) {
	object := g.rt.GlobalObject().Get("Object").ToObject(g.rt)
	describe, _ := goja.AssertFunction(object.Get("getOwnPropertyDescriptor"))
	d, err := describe(nil, proto, g.rt.ToValue(name))
	if err != nil {
		panic(rethrow(g.rt, err))
	}
	get, _ := goja.AssertFunction(d.ToObject(g.rt).Get("get"))
	own := g.native("get "+name, 0, func(call goja.FunctionCall) goja.Value {
		was, err := get(call.This)
		if err != nil {
			panic(rethrow(g.rt, err))
		}
		return show(call.This, was)
	})
	_ = proto.DefineAccessorProperty(name, own, nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// escapePattern is a pattern as it may stand between slashes (ECMA-262, EscapeRegExpPattern).
func escapePattern(pattern string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			if pattern[i] == '\n' || pattern[i] == '\r' {
				i-- // the backslash is that of the escape
				continue
			}
			b.WriteByte(c)
			c = pattern[i]
		case c == '/' && !class:
			b.WriteByte('\\')
		case c == '\n':
			b.WriteByte('\\')
			c = 'n'
		case c == '\r':
			b.WriteByte('\\')
			c = 'r'
		case c == '[':
			class = true
		case c == ']':
			class = false
		}
		b.WriteByte(c)
	}
	return b.String()
}

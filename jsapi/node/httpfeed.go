package node

import (
	"strings"

	"github.com/dop251/goja"
)

// What the flags of onrequest say.
const (
	flagKeepAlive = 1 << iota
	flagHTTP11
	flagHost   // there is a field Host
	flagExpect // there is a field Expect
)

// attachParser(stream, parser, owner) has what comes on a stream parsed before the script sees it, which saves the
// buffer, the list of events and their calls for what servers get most: a request without a body, all of it in one
// chunk. owner.onrequest(method, url, flags, fields, bytes) gets that, where the fields are names and values in turn,
// with NUL between; owner.onparsed(events, bytes, memory) anything else, the memory only if it did not parse.
func (n *Node) attachParser(call goja.FunctionCall) goja.Value {
	s := n.stream(call.Argument(0))
	p, _ := call.Argument(1).Export().(*httpParser)
	owner, ok := call.Argument(2).(*goja.Object)
	if s == nil || p == nil || !ok {
		return goja.Undefined()
	}
	onrequest, _ := goja.AssertFunction(owner.Get("onrequest"))
	onparsed, _ := goja.AssertFunction(owner.Get("onparsed"))
	s.feed = func(data []byte) {
		p.events = p.events[:0]
		p.run(data)
		size := n.rt.ToValue(len(data))
		if plain := p.plainRequest(); plain != nil {
			n.loop.Call(onrequest, owner, append(plain, size)...)
			return
		}
		memory := goja.Undefined()
		if k := len(p.events); k >= 4 && p.events[k-4] == any(eventError) {
			memory = n.rt.ToValue(n.rt.NewArrayBuffer(data))
		}
		events := p.list()
		p.events = nil
		n.loop.Call(onparsed, owner, events, size, memory)
	}
	return goja.Undefined()
}

// plainRequest returns what onrequest gets if the events are those of one request without a body; nil if they are not.
func (p *httpParser) plainRequest() []goja.Value {
	e := p.events
	if p.response || len(e) != 10 || e[0] != any(eventHead) || e[7] != any(false) || e[8] != any(eventComplete) || len(e[9].([]any)) > 0 {
		return nil
	}
	flags := 0
	if e[6] == any(true) {
		flags |= flagKeepAlive
	}
	if e[4] == any(1) {
		flags |= flagHTTP11
	}
	var text strings.Builder
	for i, v := range e[5].([]any) {
		f := v.(string) // as all that field collects
		if i > 0 {
			text.WriteByte(0)
		}
		text.WriteString(f)
		if i%2 != 0 {
			continue
		}
		switch {
		case len(f) == 4 && strings.EqualFold(f, "host"):
			flags |= flagHost
		case len(f) == 6 && strings.EqualFold(f, "expect"):
			flags |= flagExpect
		}
	}
	rt := p.n.rt
	return []goja.Value{rt.ToValue(e[1]), rt.ToValue(e[2]), rt.ToValue(flags), rt.ToValue(text.String())}
}

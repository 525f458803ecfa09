package node

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// httpState is what a parser expects next.
type httpState int

const (
	httpStart httpState = iota // the first line
	httpFields
	httpFixed // a body of known length
	httpToEnd // a body that ends with the connection
	httpChunkSize
	httpChunk
	httpChunkEnd
	httpTrailers
	httpOver // upgraded or failed: nothing more is parsed
)

// httpParser takes HTTP/1.1 messages apart (RFC 9112), piece by piece as they come. Loop goroutine only.
type httpParser struct {
	n        *Node
	response bool
	noBody   bool // the response to HEAD has none, whatever its fields say
	limit    int  // bytes of first line and fields

	state  httpState
	line   []byte // the line so far
	size   int    // bytes of first line and fields so far
	first  []any  // what the first line says
	fields []any  // names and values in turn
	left   int64  // of the body or chunk
	minor  int
	events []any
	total  int // bytes that run was given
	rest   int // of these, those behind the line that is parsed
	method string
	status int
}

// httpBinding serves js/http_native.js.
func (n *Node) httpBinding() *goja.Object {
	parser := func(call goja.FunctionCall) *httpParser {
		p, _ := call.Argument(0).Export().(*httpParser)
		return p
	}
	return n.object(map[string]any{
		// parser(response, limit, noBody)
		"parser": func(call goja.FunctionCall) goja.Value {
			return n.rt.ToValue(&httpParser{
				n: n, response: call.Argument(0).ToBoolean(), limit: int(call.Argument(1).ToInteger()), noBody: call.Argument(2).ToBoolean(),
			})
		},
		// expect(parser, noBody) begins with the next response.
		"expect": func(call goja.FunctionCall) goja.Value {
			if p := parser(call); p != nil {
				p.noBody = call.Argument(1).ToBoolean()
			}
			return goja.Undefined()
		},
		"attach": n.attachParser,
		// detach(stream): what comes is onread's again.
		"detach": func(call goja.FunctionCall) goja.Value {
			if s := n.stream(call.Argument(0)); s != nil {
				s.feed = nil
			}
			return goja.Undefined()
		},
		// execute(parser, bytes) → [event, …] of what was complete: see run.
		"execute": func(call goja.FunctionCall) goja.Value {
			p := parser(call)
			if p == nil {
				return goja.Undefined()
			}
			p.events = nil
			p.run(arguments{values: call.Arguments}.memory(1))
			return p.list()
		},
		// finish(parser): the connection has ended.
		"finish": func(call goja.FunctionCall) goja.Value {
			p := parser(call)
			if p == nil {
				return goja.Undefined()
			}
			p.events = nil
			p.end()
			return p.list()
		},
	})
}

// The events are flat: a number, then what belongs to it.
const (
	eventHead     = 1 // first line's parts (3), minor version, fields, keep-alive, upgrade
	eventBody     = 2 // memory
	eventComplete = 3 // trailers
	eventUpgrade  = 4 // memory that is not HTTP any more
	eventError    = 5 // code, reason, how many bytes were parsed
)

// list is what happened as an array; fields are arrays in it.
func (p *httpParser) list() goja.Value {
	for i, v := range p.events {
		if fields, ok := v.([]any); ok {
			p.events[i] = p.n.rt.NewArray(fields...)
		}
	}
	return p.n.rt.NewArray(p.events...)
}

func (p *httpParser) emit(event ...any) { p.events = append(p.events, event...) }

func (p *httpParser) fail(code, reason string) {
	p.state = httpOver
	p.emit(eventError, code, reason, max(p.total-p.rest, 0))
}

// run parses data.
func (p *httpParser) run(data []byte) {
	p.total = len(data)
	for len(data) > 0 || p.state == httpOver {
		switch p.state {
		case httpOver:
			return
		case httpFixed, httpChunk, httpToEnd:
			data = p.body(data)
		default:
			i := bytes.IndexByte(data, '\n')
			part := data
			if i >= 0 {
				part = data[:i]
			}
			if p.size += len(part) + 1; p.size > p.limit && p.state != httpChunkSize && p.state != httpChunkEnd {
				p.fail("HPE_HEADER_OVERFLOW", "Header overflow")
				return
			}
			p.rest = len(data)
			p.line = append(p.line, part...)
			if p.state == httpStart && !p.response {
				if at := implausible(p.line); at >= 0 {
					p.rest -= at
					p.fail("HPE_INVALID_METHOD", "Invalid method encountered")
					return
				}
			}
			if i < 0 {
				return
			}
			data = data[i+1:]
			line := p.line
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			} else if p.state == httpFields && n > 0 {
				p.fail("HPE_CR_EXPECTED", "Missing expected CR after header value")
				return
			}
			data = p.takeLine(line, data)
			p.line = p.line[:0]
		}
	}
}

// implausible returns the index of the first byte with which a first line, perhaps not all of it yet, can be no
// request's; -1 if there is none.
func implausible(line []byte) int {
	if len(line) == 0 || line[0] == '\r' {
		return -1
	}
	longest := 0
	for method := range knownMethods {
		k := 0
		for k < len(line) && k < len(method) && line[k] == method[k] {
			k++
		}
		if k == len(line) || k == len(method) && line[k] == ' ' {
			return -1
		}
		longest = max(longest, k)
	}
	return longest
}

// takeLine handles one line and returns the rest of the data, which is nothing after an upgrade.
func (p *httpParser) takeLine(line, rest []byte) []byte {
	switch p.state {
	case httpStart:
		if len(line) == 0 { // tolerated before a message
			p.size = 0
			return rest
		}
		p.startLine(string(line))
	case httpFields:
		if len(line) > 0 {
			p.field(line)
			return rest
		}
		return p.headDone(rest)
	case httpChunkSize:
		p.chunkSize(string(line))
	case httpChunkEnd:
		if len(line) > 0 {
			p.fail("HPE_STRICT", "Expected LF after chunk data")
			return rest
		}
		p.state = httpChunkSize
	case httpTrailers:
		if len(line) > 0 {
			p.field(line)
			return rest
		}
		p.complete()
	}
	return rest
}

func (p *httpParser) startLine(line string) {
	p.fields = nil
	p.state = httpFields
	if p.response {
		version, rest, _ := strings.Cut(line, " ")
		code, reason, _ := strings.Cut(rest, " ")
		status, err := strconv.Atoi(code)
		if !p.version(version) {
			return
		}
		if err != nil || len(code) != 3 {
			p.fail("HPE_INVALID_STATUS", "Invalid status code")
			return
		}
		p.status = status
		p.first = []any{status, reason, ""}
		return
	}
	method, rest, ok := strings.Cut(line, " ")
	target, version, ok2 := strings.Cut(rest, " ")
	switch {
	case !knownMethods[method]:
		p.fail("HPE_INVALID_METHOD", "Invalid method encountered")
	case !ok || target == "" || strings.ContainsAny(target, "\x00\r"):
		p.fail("HPE_INVALID_URL", "Unexpected start char in url")
	case !ok2:
		p.fail("HPE_INVALID_CONSTANT", "Expected HTTP/")
	case p.version(version):
		p.method = method
		p.first = []any{method, latin1(target), ""}
	}
}

// version takes "HTTP/1.x"; false if it is none.
func (p *httpParser) version(text string) bool {
	switch text {
	case "HTTP/1.1":
		p.minor = 1
	case "HTTP/1.0":
		p.minor = 0
	default:
		if !strings.HasPrefix(text, "HTTP/") {
			p.fail("HPE_INVALID_CONSTANT", "Expected HTTP/")
		} else {
			p.fail("HPE_INVALID_VERSION", "Invalid HTTP version")
		}
		return false
	}
	return true
}

// field takes a line "name: value".
func (p *httpParser) field(line []byte) {
	i := bytes.IndexByte(line, ':')
	if line[0] == ' ' || line[0] == '\t' {
		if len(p.fields) == 0 {
			p.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header token")
			return
		}
		last := len(p.fields) - 1 // obsolete folding
		p.fields[last] = p.fields[last].(string) + " " + latin1(string(bytes.Trim(line, " \t")))
		return
	}
	if i <= 0 {
		p.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header token")
		return
	}
	for _, c := range line[:i] {
		if !tokenChar(c) {
			p.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header token")
			return
		}
	}
	value := bytes.Trim(line[i+1:], " \t")
	for _, c := range value {
		if c == '\r' {
			p.fail("HPE_LF_EXPECTED", "Missing expected LF after header value")
			return
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			p.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header value char")
			return
		}
	}
	p.fields = append(p.fields, string(line[:i]), latin1(string(value)))
}

func tokenChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// latin1 reads each byte as one character, as HTTP does.
func latin1(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			runes := make([]rune, len(s))
			for j := range len(s) {
				runes[j] = rune(s[j])
			}
			return string(runes)
		}
	}
	return s
}

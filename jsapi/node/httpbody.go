package node

import (
	"strconv"
	"strings"
)

// knownMethods are those of http.METHODS.
var knownMethods = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE
		MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT
		SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE`) {
		m[name] = true
	}
	return m
}()

// head is what the fields say about the message.
type head struct {
	length                     int64 // -1: not given
	chunked, coded             bool
	lengthFirst                bool // Content-Length stands before Transfer-Encoding
	close, keepAlive, upgrades bool
	upgrade                    bool
	bad                        string
}

func (p *httpParser) readHead() head {
	h := head{length: -1}
	for i := 0; i+1 < len(p.fields); i += 2 {
		name, value := p.fields[i].(string), p.fields[i+1].(string)
		switch {
		case len(name) == 14 && strings.EqualFold(name, "content-length"):
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 0 || value[0] == '+' {
				h.bad = "HPE_INVALID_CONTENT_LENGTH"
			} else if h.length >= 0 && h.length != n {
				h.bad = "HPE_UNEXPECTED_CONTENT_LENGTH"
			}
			h.length = n
		case len(name) == 17 && strings.EqualFold(name, "transfer-encoding"):
			h.coded, h.lengthFirst = true, h.length >= 0
			last := value[strings.LastIndexByte(value, ',')+1:]
			h.chunked = strings.EqualFold(strings.TrimSpace(last), "chunked")
		case len(name) == 10 && strings.EqualFold(name, "connection"):
			for token := range strings.SplitSeq(strings.ToLower(value), ",") {
				switch strings.TrimSpace(token) {
				case "close":
					h.close = true
				case "keep-alive":
					h.keepAlive = true
				case "upgrade":
					h.upgrades = true
				}
			}
		case len(name) == 7 && strings.EqualFold(name, "upgrade"):
			h.upgrade = true
		}
	}
	return h
}

// headDone ends the fields: what follows is a body, the next message, or no HTTP.
func (p *httpParser) headDone(rest []byte) []byte {
	h := p.readHead()
	switch {
	case h.bad != "":
		reason := "Invalid character in Content-Length"
		if h.bad == "HPE_UNEXPECTED_CONTENT_LENGTH" {
			reason = "Content-Length already present"
		}
		p.fail(h.bad, reason)
		return nil
	case h.coded && h.length >= 0 && h.lengthFirst:
		p.fail("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding can't be present with Content-Length")
		return nil
	case h.coded && h.length >= 0:
		p.fail("HPE_INVALID_CONTENT_LENGTH", "Content-Length can't be present with Transfer-Encoding")
		return nil
	case h.coded && !h.chunked && !p.response:
		p.fail("HPE_INVALID_TRANSFER_ENCODING", "Request has invalid `Transfer-Encoding`")
		return nil
	}
	informational := p.response && p.status >= 100 && p.status < 200
	none := p.response && (p.noBody || informational || p.status == 204 || p.status == 304)
	toEnd := p.response && !none && h.length < 0 && !h.chunked
	keepAlive := !h.close && (p.minor == 1 || h.keepAlive) && !toEnd
	upgrade := h.upgrade && h.upgrades && (!p.response || p.status == 101) || p.method == "CONNECT" && !p.response
	p.emit(eventHead)
	p.emit(p.first...)
	p.emit(p.minor, p.fields, keepAlive, upgrade)
	p.fields = nil
	if upgrade {
		p.state = httpOver
		p.emit(eventUpgrade, p.n.rt.NewArrayBuffer(append([]byte(nil), rest...)))
		return nil
	}
	switch {
	case none, !p.response && h.length <= 0 && !h.chunked, h.length == 0:
		p.complete()
	case h.chunked:
		p.state, p.size = httpChunkSize, 0
	case toEnd:
		p.state = httpToEnd
	default:
		p.state, p.left = httpFixed, h.length
	}
	return rest
}

// complete ends a message.
func (p *httpParser) complete() {
	p.emit(eventComplete, p.fields)
	p.fields, p.method, p.size = nil, "", 0
	p.state = httpStart
}

// body takes what belongs to the body and returns the rest.
func (p *httpParser) body(data []byte) []byte {
	part := data
	if p.state != httpToEnd && int64(len(part)) > p.left {
		part = part[:p.left]
	}
	p.emit(eventBody, p.n.rt.NewArrayBuffer(append([]byte(nil), part...)))
	if p.state == httpToEnd {
		return nil
	}
	if p.left -= int64(len(part)); p.left == 0 {
		if p.state == httpFixed {
			p.complete()
		} else {
			p.state = httpChunkEnd
		}
	}
	return data[len(part):]
}

func (p *httpParser) chunkSize(line string) {
	text, _, _ := strings.Cut(line, ";")
	n, err := strconv.ParseInt(strings.TrimSpace(text), 16, 64)
	switch {
	case err != nil || n < 0 || text == "":
		p.fail("HPE_INVALID_CHUNK_SIZE", "Invalid character in chunk size")
	case len(line) > p.limit:
		p.fail("HPE_CHUNK_EXTENSIONS_OVERFLOW", "Chunk extensions overflow")
	case n == 0:
		p.state, p.size = httpTrailers, 0
	default:
		p.state, p.left = httpChunk, n
	}
}

// end says that the connection has ended: the end of some bodies, too early for anything else.
func (p *httpParser) end() {
	switch {
	case p.state == httpToEnd:
		p.complete()
	case p.state == httpStart && len(p.line) == 0, p.state == httpOver:
	default:
		p.fail("HPE_INVALID_EOF_STATE", "Invalid EOF state")
	}
}

package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/dop251/goja"

	"supercluster/jsapi/node/secure"
	"supercluster/vm"
)

// maxRedirects is how many a fetch follows, as the Fetch standard has it.
const maxRedirects = 20

// webClient is what all fetches of a script share: their connections. Those of insecure trust every server, as
// NODE_TLS_REJECT_UNAUTHORIZED=0 asks.
type webClient struct{ transport, insecure *http.Transport }

// shut is of handle.
func (c *webClient) shut() {
	c.transport.CloseIdleConnections()
	c.insecure.CloseIdleConnections()
}

// newWebClient trusts the system's authorities and those in the file that NODE_EXTRA_CA_CERTS of env names.
func newWebClient(env []string) *webClient {
	var o secure.Options
	for _, entry := range env {
		if path, ok := strings.CutPrefix(entry, "NODE_EXTRA_CA_CERTS="); ok && path != "" {
			o.ExtraCA, _ = os.ReadFile(path) // node ignores a file that it cannot read as well
		}
	}
	trust, err := secure.NewContext(o)
	if err != nil {
		trust, _ = secure.NewContext(secure.Options{}) // nothing in it can be wrong
	}
	make := func(insecure bool) *http.Transport {
		return &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSClientConfig: trust.WebConfig(insecure)}
	}
	return &webClient{make(false), make(true)}
}

// webExchange is one request and its response.
type webExchange struct {
	ctx    context.Context // of the exchange, which outlives the call that begins it
	cancel context.CancelFunc

	mu   sync.Mutex // guards body
	body io.ReadCloser
}

// shut is of handle: the request, or what is left of the response, is given up.
func (e *webExchange) shut() { e.cancel() }

var (
	errRedirected = errors.New("unexpected redirect")
	errRedirects  = errors.New("redirect count exceeded")
)

// fetchBinding serves js/fetch_native.js.
func (n *Node) fetchBinding() *goja.Object {
	c := newWebClient(n.cfg.Env)
	n.handles.add(c)
	return n.object(map[string]any{
		// begin() → number of an exchange
		"begin": func(goja.FunctionCall) goja.Value {
			e := &webExchange{}
			e.ctx, e.cancel = context.WithCancel(context.Background())
			return n.rt.ToValue(n.handles.add(e))
		},
		"send": func(call goja.FunctionCall) goja.Value { return n.sendFetch(c, call) },
		"read": n.readFetch,
		// end(number) gives the exchange up.
		"end": func(call goja.FunctionCall) goja.Value {
			id := call.Argument(0).ToInteger()
			if h := n.handles.get(id); h != nil {
				n.handles.remove(id)
				h.shut()
			}
			return goja.Undefined()
		},
	})
}

func (n *Node) exchange(v goja.Value) *webExchange {
	e, _ := n.handles.get(v.ToInteger()).(*webExchange)
	return e
}

// sendFetch(number, method, url, [name, value, …], body or undefined, redirect, insecure) → promise of [status, text, url,
// whether it was redirected, [name, value, …]]; a failure is [errno, code, sentence].
func (n *Node) sendFetch(c *webClient, call goja.FunctionCall) goja.Value {
	args := arguments{values: call.Arguments, async: true}
	e := n.exchange(args.at(0))
	method, url, redirect := args.str(1), args.str(2), args.str(5)
	list := args.at(3).ToObject(n.rt)
	header := http.Header{}
	for i := range int(list.Get("length").ToInteger()) / 2 {
		header.Add(list.Get(strconv.Itoa(2*i)).String(), list.Get(strconv.Itoa(2*i+1)).String())
	}
	var body io.Reader
	if !goja.IsUndefined(args.at(4)) {
		body = bytes.NewReader(args.bytes(4))
	}
	transport := c.transport
	if args.truth(6) {
		transport = c.insecure
	}
	return n.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		resp, err := do(ctx, transport, e, method, url, header, body, redirect)
		return func() (goja.Value, error) {
			if err != nil {
				return nil, vm.Throw(n.fault(err))
			}
			return n.response(resp, url), nil
		}
	})
}

// do sends the request; what is left of e's context ends with ctx, the loop's.
func do(ctx context.Context, transport *http.Transport, e *webExchange, method, url string, header http.Header, body io.Reader, redirect string) (*http.Response, error) {
	if e == nil {
		return nil, context.Canceled
	}
	stop := context.AfterFunc(ctx, e.cancel)
	defer stop()
	req, err := http.NewRequestWithContext(e.ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header = header
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	client := http.Client{Transport: transport, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		switch {
		case redirect == "manual":
			return http.ErrUseLastResponse
		case redirect == "error":
			return errRedirected
		case len(via) > maxRedirects:
			return errRedirects
		}
		return nil
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.body = resp.Body
	return resp, nil
}

func (n *Node) response(resp *http.Response, url string) goja.Value {
	var fields []any
	for name, values := range resp.Header {
		for _, v := range values {
			fields = append(fields, name, latin1(v))
		}
	}
	text := resp.Status
	if len(text) > 4 {
		text = text[4:] // behind the number
	} else {
		text = ""
	}
	final := resp.Request.URL.String()
	return n.rt.NewArray(resp.StatusCode, text, final, final != url, n.rt.NewArray(fields...))
}

// readFetch(number) → promise of the next piece of the body, null at its end.
func (n *Node) readFetch(call goja.FunctionCall) goja.Value {
	e := n.exchange(call.Argument(0))
	return n.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		buf := make([]byte, chunkSize)
		k, err := 0, error(context.Canceled)
		if e != nil {
			stop := context.AfterFunc(ctx, e.cancel)
			defer stop()
			e.mu.Lock()
			body := e.body
			e.mu.Unlock()
			if k, err = io.ReadAtLeast(body, buf, 1); err != nil {
				_ = body.Close() // what went wrong is told by the read
			}
		}
		return func() (goja.Value, error) {
			switch {
			case k > 0:
				return n.rt.ToValue(n.rt.NewArrayBuffer(buf[:k:k])), nil
			case errors.Is(err, io.EOF):
				return goja.Null(), nil
			}
			return nil, vm.Throw(n.fault(err))
		}
	})
}

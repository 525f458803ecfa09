package node

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"supercluster/jsapi/node/crypto"
	"supercluster/jsapi/node/secure"
)

// tlsBinding serves js/tls_native.js.
func (n *Node) tlsBinding() *goja.Object {
	return n.object(map[string]any{
		"context": n.secureContext, "start": n.startTLS, "peer": n.peerChain, "local": n.localCert, "exportKey": n.exportKey, "pipe": n.pipeTLS,
		// tickets() → what the connections of one server share
		"tickets": func(goja.FunctionCall) goja.Value { return n.rt.ToValue(&secure.Tickets{}) },
		"ciphers": func(goja.FunctionCall) goja.Value { return n.texts(secure.AllCiphers()) },
		"roots":   func(goja.FunctionCall) goja.Value { return n.texts(secure.SystemRoots()) },
	})
}

func (n *Node) texts(list []string) goja.Value { return n.rt.NewArray(n.strings(list)...) }

// items are the values of an array; none for undefined.
func (n *Node) items(v goja.Value) (list []goja.Value) {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	o := v.ToObject(n.rt)
	for i := range int(o.Get("length").ToInteger()) {
		list = append(list, o.Get(strconv.Itoa(i)))
	}
	return list
}

// secureContext({pairs: [cert, key, …], passphrase, ca: [pem, …], extra, min, max, ciphers}) → a context; all are texts
// or memory.
func (n *Node) secureContext(call goja.FunctionCall) goja.Value {
	given := call.Argument(0).ToObject(n.rt)
	bytesOf := func(v goja.Value) []byte { return arguments{values: []goja.Value{v}, async: true}.bytes(0) }
	text := func(name string) string {
		if v := given.Get(name); v != nil && !goja.IsUndefined(v) && !goja.IsNull(v) {
			return v.String()
		}
		return ""
	}
	o := secure.Options{Min: text("min"), Max: text("max"), Ciphers: text("ciphers"), ExtraCA: []byte(text("extra"))}
	pairs := n.items(given.Get("pairs"))
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Pairs = append(o.Pairs, secure.Pair{Cert: bytesOf(pairs[i]), Key: bytesOf(pairs[i+1])})
	}
	if v := given.Get("passphrase"); v != nil && !goja.IsUndefined(v) {
		o.Passphrase = []byte(v.String())
	}
	if v := given.Get("ca"); v != nil && !goja.IsUndefined(v) {
		o.CA = [][]byte{}
		for _, one := range n.items(v) {
			o.CA = append(o.CA, bytesOf(one))
		}
	}
	c, err := secure.NewContext(o)
	if err != nil {
		n.throwCrypto(errorOf(err))
	}
	return n.rt.ToValue(c)
}

// errorOf gives an error of TLS the form of one of crypto.
func errorOf(err error) error {
	var e *secure.Error
	if errors.As(err, &e) {
		return &crypto.Error{Code: e.Code, Message: e.Message}
	}
	return err
}

// secured is a connection under TLS as stream.conn: closing it says no goodbye, which CloseWrite does.
type secured struct {
	*tls.Conn
	state secure.State
}

// Close ends the connection below.
func (s *secured) Close() error { return s.NetConn().Close() }

// CloseWrite says goodbye, then ends the writing side below.
func (s *secured) CloseWrite() error {
	err := s.Conn.CloseWrite()
	if half, ok := s.NetConn().(interface{ CloseWrite() error }); ok && err == nil {
		err = half.CloseWrite()
	}
	return err
}

// taken is the connection of a stream that TLS took over: what was read already comes first.
type taken struct {
	net.Conn
	before []byte
}

func (t *taken) Read(b []byte) (int, error) {
	if len(t.before) > 0 {
		k := copy(b, t.before)
		t.before = t.before[k:]
		return k, nil
	}
	return t.Conn.Read(b)
}

func (t *taken) CloseWrite() error {
	if half, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// startTLS(owner, stream, {server, context, servername, alpn, requestCert, tickets, session, choose}, bytes read already)
// → the number of a stream in the place of the one given. owner.onsecure(error, fault, facts) tells when the handshake is done:
// error is TLS's, fault the network's; facts are [version, cipher, its standard name, protocol of ALPN, servername,
// resumed, whether there is a certificate, code and sentence of what is wrong with it]. owner.onsession(memory) hears
// of sessions, owner.onchoose(servername, protocols, answer) has a server choose by answer(error, context, protocols).
func (n *Node) startTLS(call goja.FunctionCall) goja.Value {
	args := arguments{values: call.Arguments, async: true}
	old := n.stream(args.at(1))
	if old == nil {
		return goja.Undefined()
	}
	below, ok := old.conn.(net.Conn)
	if !ok {
		return goja.Undefined()
	}
	role := n.roleOf(args.at(2).ToObject(n.rt))
	s := n.newStream(nopConn{})
	s.o = args.at(0).ToObject(n.rt)
	n.hearTLS(s, &role, args.at(2).ToObject(n.rt))
	wait := old.handOver()
	conn := &taken{Conn: below, before: args.bytes(3)}
	inner := &secured{Conn: role.Start(conn)}
	s.conn = inner
	s.add(1)
	n.loop.Start(func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stop := context.AfterFunc(ctx, func() { _ = below.Close() }) // the loop has ended
		defer stop()
		conn.before = append(conn.before, wait(ctx)...)
		state, err := role.Handshake(ctx, inner.Conn)
		n.loop.Post(func() { s.handshaken(inner, state, err) })
	})
	return n.rt.ToValue(s.id)
}

// roleOf reads the options of startTLS.
func (n *Node) roleOf(o *goja.Object) secure.Role {
	r := secure.Role{Server: o.Get("server").ToBoolean(), RequestCert: o.Get("requestCert").ToBoolean(), ALPN: n.protocols(o.Get("alpn"))}
	r.Context, _ = o.Get("context").Export().(*secure.Context)
	r.Tickets, _ = o.Get("tickets").Export().(*secure.Tickets)
	if v := o.Get("servername"); !goja.IsUndefined(v) && !goja.IsNull(v) {
		r.ServerName = v.String()
	}
	r.Session = arguments{values: []goja.Value{o.Get("session")}, async: true}.bytes(0)
	return r
}

func (n *Node) protocols(v goja.Value) (list []string) {
	for _, one := range n.items(v) {
		list = append(list, one.String())
	}
	return list
}

// hearTLS has what happens on other goroutines told to s's owner.
func (n *Node) hearTLS(s *stream, role *secure.Role, o *goja.Object) {
	if !role.Server {
		role.NewSession = func(b []byte) {
			n.loop.Post(func() { s.tell("onsession", n.rt.ToValue(n.rt.NewArrayBuffer(b))) })
		}
		return
	}
	if !o.Get("choose").ToBoolean() {
		return
	}
	type choice struct {
		context *secure.Context
		alpn    []string
		err     error
	}
	role.Choose = func(ctx context.Context, name string, protocols []string) (*secure.Context, []string, error) {
		made := make(chan choice, 1)
		answer := func(call goja.FunctionCall) goja.Value {
			c := choice{context: role.Context, alpn: n.protocols(call.Argument(2))}
			if own, ok := call.Argument(1).Export().(*secure.Context); ok {
				c.context = own
			}
			if err := call.Argument(0); !goja.IsUndefined(err) && !goja.IsNull(err) {
				c.err = errors.New(err.String())
			}
			select {
			case made <- c:
			default: // answered already
			}
			return goja.Undefined()
		}
		if !n.loop.Post(func() { s.tell("onchoose", n.rt.ToValue(name), n.texts(protocols), n.rt.ToValue(answer)) }) {
			return nil, nil, context.Canceled
		}
		select {
		case c := <-made:
			return c.context, c.alpn, c.err
		case <-s.closed:
			return nil, nil, net.ErrClosed
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// handOver ends s without closing its connection, which belongs to the caller from now on. The function that it
// returns waits until nobody reads the connection, and gives what s has read and not delivered. It is not for the
// loop's goroutine, which has to be free meanwhile.
func (s *stream) handOver() func(context.Context) []byte {
	s.readStop()
	data := s.heldData
	s.held, s.heldData = nil, nil
	s.mu.Lock()
	s.shared = true
	s.mu.Unlock()
	if !s.pending {
		s.n.handles.remove(s.id)
		s.shut()
		return func(context.Context) []byte { return data }
	}
	rest := make(chan []byte, 1)
	s.heir = rest
	conn, _ := s.conn.(net.Conn)
	_ = conn.SetReadDeadline(time.Now()) // wakes the reader
	return func(ctx context.Context) []byte {
		select {
		case got := <-rest:
			data = append(data, got...)
		case <-ctx.Done():
		}
		_ = conn.SetReadDeadline(time.Time{})
		return data
	}
}

func (s *stream) handshaken(conn *secured, state secure.State, err error) {
	s.add(-1)
	if err != nil {
		if reason, ok := secure.Reason(err); ok {
			s.tell("onsecure", s.n.cryptoError(errorOf(reason)))
			return
		}
		s.tell("onsecure", goja.Undefined(), s.n.fault(err))
		return
	}
	conn.state = state
	name, standard := secure.CipherNames(state.Cipher)
	facts := []any{state.Version, name, standard, state.ALPN, state.ServerName, state.Resumed, len(state.Chain) > 0}
	if state.Fault != nil {
		facts = append(facts, state.Fault.Code, state.Fault.Message)
	}
	s.tell("onsecure", goja.Undefined(), goja.Undefined(), s.n.rt.NewArray(facts...))
}

// peerChain(stream) → what stands in the certificates that the other side showed, its own first.
func (n *Node) peerChain(call goja.FunctionCall) goja.Value {
	s := n.stream(call.Argument(0))
	if s == nil {
		return n.rt.NewArray()
	}
	conn, ok := s.conn.(*secured)
	if !ok {
		return n.rt.NewArray()
	}
	var list []any
	for _, cert := range conn.state.Chain {
		list = append(list, n.factsObject(secure.FactsOf(cert)))
	}
	return n.rt.NewArray(list...)
}

// exportKey(stream, label, context, bytes) → key material of the connection (RFC 5705); the fault if there is none.
func (n *Node) exportKey(call goja.FunctionCall) goja.Value {
	args := arguments{values: call.Arguments}
	s := n.stream(args.at(0))
	if s == nil {
		return n.fault(net.ErrClosed)
	}
	conn, ok := s.conn.(*secured)
	if !ok {
		return n.fault(net.ErrClosed)
	}
	state := conn.ConnectionState()
	key, err := state.ExportKeyingMaterial(args.str(1), args.memory(2), int(args.num(3)))
	if err != nil {
		n.throwCrypto(&crypto.Error{Code: "ERR_CRYPTO_OPERATION_FAILED", Message: err.Error()})
	}
	return n.bytes(key)
}

// pipeTLS() → the numbers of two streams, each the other's other side: TLS over what is no socket runs on one of them.
func (n *Node) pipeTLS(goja.FunctionCall) goja.Value {
	a, b := net.Pipe()
	return n.rt.NewArray(n.newStream(a).id, n.newStream(b).id)
}

// localCert(context) → what stands in the certificate of a context; undefined if it has none.
func (n *Node) localCert(call goja.FunctionCall) goja.Value {
	c, _ := call.Argument(0).Export().(*secure.Context)
	if c == nil || c.Leaf() == nil {
		return goja.Undefined()
	}
	return n.factsObject(secure.FactsOf(c.Leaf()))
}

// factsObject is a certificate as node shows it.
func (n *Node) factsObject(f secure.Facts) *goja.Object {
	o := n.rt.NewObject()
	set := func(name string, v any) { _ = o.Set(name, v) } // a new plain object refuses nothing
	names := func(list []secure.Name, many bool) *goja.Object {
		out := n.rt.NewObject()
		values := map[string][]any{}
		for _, part := range list {
			values[part.Key] = append(values[part.Key], part.Value)
		}
		for _, part := range list {
			if all := values[part.Key]; len(all) > 1 || many {
				_ = out.Set(part.Key, n.rt.NewArray(all...))
			} else {
				_ = out.Set(part.Key, part.Value)
			}
		}
		return out
	}
	set("subject", names(f.Subject, false))
	set("issuer", names(f.Issuer, false))
	if f.AltNames != "" {
		set("subjectaltname", f.AltNames)
	}
	if len(f.InfoAccess) > 0 {
		set("infoAccess", names(f.InfoAccess, true))
	}
	set("ca", f.CA)
	switch {
	case f.Modulus != "":
		set("modulus", f.Modulus)
		set("bits", f.Bits)
		set("exponent", f.Exponent)
		set("pubkey", n.rt.NewArrayBuffer(f.PublicKey))
	case f.Curve != "":
		set("bits", f.Bits)
		set("pubkey", n.rt.NewArrayBuffer(f.PublicKey))
		set("asn1Curve", f.Curve)
		set("nistCurve", f.NISTCurve)
	}
	set("valid_from", f.From)
	set("valid_to", f.To)
	set("fingerprint", f.SHA1)
	set("fingerprint256", f.SHA256)
	set("fingerprint512", f.SHA512)
	if len(f.Usages) > 0 {
		set("ext_key_usage", n.texts(f.Usages))
	}
	set("serialNumber", strings.ToUpper(f.Serial))
	set("raw", n.rt.NewArrayBuffer(f.Raw))
	return o
}

// below is the connection of the network under conn.
func below(conn any) any {
	if s, ok := conn.(*secured); ok {
		if t, ok := s.NetConn().(*taken); ok {
			return t.Conn
		}
	}
	return conn
}

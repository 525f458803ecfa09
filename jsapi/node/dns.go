package node

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/dop251/goja"

	"supercluster/vm"
)

// dnsBinding serves js/dns_native.js. Each function returns a promise of an array; a failure is rejected as
// [errno, code, sentence].
func (n *Node) dnsBinding() *goja.Object {
	return n.object(map[string]any{"lookup": n.lookup, "query": n.query, "service": n.service})
}

// resolverFor asks the given servers ("address:port", …) in turn, or those of the system.
func resolverFor(servers string) *net.Resolver {
	if servers == "" {
		return net.DefaultResolver
	}
	list := strings.Split(servers, ",")
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		var first error
		for _, server := range list {
			conn, err := d.DialContext(ctx, network, server)
			if err == nil {
				return conn, nil
			}
			if first == nil {
				first = err
			}
		}
		return nil, first
	}}
}

// dnsCall runs ask beside the loop.
func (n *Node) dnsCall(ask func(ctx context.Context) ([]any, error)) goja.Value {
	return n.loop.Async(func(ctx context.Context) func() (goja.Value, error) {
		list, err := ask(ctx)
		return func() (goja.Value, error) {
			if err != nil {
				return nil, vm.Throw(n.fault(err))
			}
			return n.array(list), nil
		}
	})
}

// array makes nested arrays.
func (n *Node) array(list []any) goja.Value {
	out := make([]any, len(list))
	for i, v := range list {
		if inner, ok := v.([]any); ok {
			v = n.array(inner)
		}
		out[i] = v
	}
	return n.rt.NewArray(out...)
}

// lookup(host) → [[address, family], …] as the system resolves names, in its order.
func (n *Node) lookup(call goja.FunctionCall) goja.Value {
	host := call.Argument(0).String()
	return n.dnsCall(func(ctx context.Context) ([]any, error) {
		addrs, err := net.DefaultResolver.LookupIPAddr(ctx, host)
		if err != nil {
			return nil, err
		}
		var list []any
		for _, a := range addrs {
			family := 6
			if a.IP.To4() != nil {
				family = 4
			}
			list = append(list, []any{a.String(), family})
		}
		return list, nil
	})
}

// service(address, port) → [host, service] as getnameinfo names them.
func (n *Node) service(call goja.FunctionCall) goja.Value {
	address := call.Argument(0).String()
	return n.dnsCall(func(ctx context.Context) ([]any, error) {
		names, err := net.DefaultResolver.LookupAddr(ctx, address)
		if err != nil || len(names) == 0 {
			return []any{address}, nil
		}
		return []any{strings.TrimSuffix(names[0], ".")}, nil
	})
}

// query(type, name, servers) asks the domain name system.
func (n *Node) query(call goja.FunctionCall) goja.Value {
	kind, name, servers := call.Argument(0).String(), call.Argument(1).String(), call.Argument(2).String()
	return n.dnsCall(func(ctx context.Context) ([]any, error) {
		list, err := queryRecords(ctx, resolverFor(servers), kind, name)
		if err == nil && len(list) == 0 {
			err = &net.DNSError{Err: "no such record", Name: name, IsNotFound: true}
		}
		return list, err
	})
}

var errRecordType = errors.New("record type is not supported by sc")

func queryRecords(ctx context.Context, r *net.Resolver, kind, name string) (list []any, err error) {
	switch kind {
	case "A", "AAAA":
		network := map[string]string{"A": "ip4", "AAAA": "ip6"}[kind]
		ips, err := r.LookupIP(ctx, network, name)
		for _, ip := range ips {
			list = append(list, ip.String())
		}
		return list, err
	case "MX":
		records, err := r.LookupMX(ctx, name)
		for _, m := range records {
			list = append(list, []any{strings.TrimSuffix(m.Host, "."), m.Pref})
		}
		return list, err
	case "NS":
		records, err := r.LookupNS(ctx, name)
		for _, ns := range records {
			list = append(list, strings.TrimSuffix(ns.Host, "."))
		}
		return list, err
	case "TXT":
		records, err := r.LookupTXT(ctx, name)
		for _, text := range records {
			list = append(list, text)
		}
		return list, err
	case "CNAME":
		host, err := r.LookupCNAME(ctx, name)
		if err == nil && !strings.EqualFold(strings.TrimSuffix(host, "."), strings.TrimSuffix(name, ".")) {
			list = append(list, strings.TrimSuffix(host, "."))
		}
		return list, err
	case "SRV":
		_, records, err := r.LookupSRV(ctx, "", "", name)
		for _, s := range records {
			list = append(list, []any{strings.TrimSuffix(s.Target, "."), s.Port, s.Priority, s.Weight})
		}
		return list, err
	case "PTR":
		names, err := r.LookupAddr(ctx, name)
		for _, host := range names {
			list = append(list, strings.TrimSuffix(host, "."))
		}
		return list, err
	}
	return nil, errRecordType
}

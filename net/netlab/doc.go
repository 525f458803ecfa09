// Package netlab gives a test several hosts: network namespaces on bridges, with routers between subnets, cables that
// can be cut and processes that run inside.
//
//	lab := netlab.New(t)
//	lan := lab.Subnet("10.9.0.0/24")
//	a, b := lab.Host("a", lan), lab.Host("b", lan)
//	out, err := a.Command("ping", "-c1", b.Addr(lan).String()).CombinedOutput()
//
// Everything lives in namespaces made for the test: nothing of the machine's own network is touched, and hosts of two
// labs never meet. Subnets that no router joins have no default route. All is removed when the test ends, with every
// process that still runs inside; names carry the test's process id, so that what a killed run left behind is found
// and removed by the next.
//
// It needs Linux, the ip command and the privilege to make network namespaces. Without them the test is skipped, or
// fails if the environment has SC_NETLAB=required. Only tests import this package.
package netlab

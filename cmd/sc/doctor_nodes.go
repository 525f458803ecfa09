package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"supercluster/net/trust"
)

// linkTime is how long a look must take until a node that was found and is not
// linked is taken for one that cannot be.
const linkTime = 6 * time.Second

// checkNodes looks who is there, who of them can be linked, and what they run.
func checkNodes(ctx context.Context, env *environment, s *settings) []finding {
	nodes, refusal, err := look(ctx, env, s)
	if slices.ContainsFunc(nodes, isDeaf) && s.time < linkTime {
		again := *s // it may have been found a moment ago
		again.time = linkTime
		nodes, refusal, err = look(ctx, env, &again)
	}
	if err != nil {
		return []finding{fail("nodes", "'sc ls' says the same, and more with --verbose", "cannot look for nodes: %v", err)}
	}
	return append(judgeNodes(nodes, len(s.trackers) > 0), checkTrust(s, refusal))
}

func isDeaf(n listed) bool { return n.Path == "none" }

// judgeNodes says what is wrong with the nodes that were found, through
// trackers or by broadcast.
func judgeNodes(nodes []listed, tracked bool) []finding {
	var deaf, versions []string
	for _, n := range nodes {
		if isDeaf(n) {
			deaf = append(deaf, n.Addr)
		}
		if n.Version != "" && n.Version != version && !slices.Contains(versions, n.Version) {
			versions = append(versions, visible(n.Version, 20))
		}
	}
	list := []finding{ok("nodes", "%d found, %d of them linked", len(nodes), len(nodes)-len(deaf))}
	switch {
	case len(deaf) > 0:
		list[0] = fail("nodes", "let UDP pass between the hosts, also to the port of each node, which its --port fixes",
			"%s found and not reached: %s", count(len(deaf), "node"), strings.Join(deaf[:min(len(deaf), 5)], ", "))
	case len(nodes) == 0 && tracked:
		list[0].Mend = "if there are some, see that they have the same --tracker and --cluster"
	case len(nodes) == 0:
		list[0].Mend = "if other machines run some, this network drops broadcasts, as clouds do: 'sc tracker' on one, --tracker=ITS-ADDRESS on all"
	}
	if len(versions) > 0 {
		list = append(list, warn("versions", "update sc where it is older", "this is %s, others run %s", version, strings.Join(versions, ", ")))
	}
	return list
}

// checkTrust says whom this host trusts, or who was refused and why.
func checkTrust(s *settings, refusal *trust.Refusal) finding {
	if refusal != nil {
		return warn("trust", refusal.Hint(), "a node was refused, or refused us: %s: %s", refusal.Code, printable(refusal.Message))
	}
	k, err := openKeys(s)
	switch {
	case err != nil:
		return fail("trust", trust.Hint(trust.CodeKeyBad), "the cluster's key cannot be read: %v", err)
	case k.kept.Token != "":
		return ok("trust", "cluster %q has a key, and this account holds it", k.cluster)
	case s.closed:
		return ok("trust", "cluster %q is closed to all but this account", k.cluster)
	}
	return ok("trust", "cluster %q is open: machines of this network are guests; 'sc token' closes it", k.cluster)
}

package main

const securityHelp = `Examples:

  sc worker                open: other machines of this network are guests
  sc worker --closed       no guests; processes of this account alone
  sc token worker          close the cluster; prints a token for workers
  sc join                  on the other machine: asks for the token
  sc token worker --node=gpu1 --ttl=90d    and take it back:  sc revoke ID
  sc token --rotate        a new key; elsewhere: sc join --overlap=24h
  sc open                  back to guests

Every connection is TLS 1.3, on which both sides prove who they are.

  member    holds the cluster's key: may do what its role and the worker's
            owner allow. Without a key of your own, members are the processes
            of one account of one host, by a key that is made at first start.
  guest     does not, and is on the same network (with a tracker: has a
            private address). It may run sandboxed functions: one at a time,
            8 that wait, 10 s, results of 1 MiB, messages of 64 KiB, 50 a
            second; all guests together get half of the slots. No files,
            packages, permissions; it sees nobody else's tasks.
            --guest-quota=tasks=2,time=30s changes some of that; of one guest:
            tasks at once (1), queue (8), of one task: time (10s), cpu (10s),
            memory (128MB), size (1MB, the most) of its result, and of code
            and arguments, log (64KB) that it prints; nodes (4) is for how many.
  others    from the Internet, through a relay, or of a cluster that has a
            key: refused, by a line here and an error with code and hint there.

With a key, nodes without it are neither seen, reached nor served, and
announcements are sealed. A master gives a worker without its key functions
alone: never files, packages, environment, or more than 1 MiB. Whose worker
runs a function sees its code and arguments, and may lie about the result.

A token is looked for in --key-file, SC_KEY_FILE, SC_KEY, the key or keyFile
of createMaster and its like, and what 'sc join' stored. One that was named
and cannot be used ends sc with 77; no other takes its place. It is never in
logs, in a child's environment or on the command line.

  sck1_…  the whole key: every role, new tokens, revocation
  scw1_…  workers        sct1_…  trackers        scm1_…  masters

Not promised: that a worker's answer is right; that a stolen token is noticed;
that 'sc open' is safe where you do not trust your network's neighbours to
keep to arithmetic; that a proxy on this host keeps the Internet out. Open
nodes can be reached on their own network alone: their packets have a TTL of
1. SECURITY.md says how to report what you find.
`

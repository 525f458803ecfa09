package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"supercluster/discovery/tracker"
	"supercluster/net/trust"
)

// keyVariable is the variable of the environment that may hold a token.
const keyVariable = "SC_KEY"

func tokenCommand() *command {
	return &command{
		name:  "token",
		usage: "[ROLE | read]",
		short: "print the cluster's key, or a part of it",
		long: `Examples:

  sc token                      the whole key; makes one if there is none
  sc token worker               good for workers alone
  sc token worker --node=gpu1 --ttl=90d
  sc token | ssh gpu1 sc join   and it is in
  sc token --rotate             a new key; the old one counts for a day more
  sc token read                 what curl shows to the cluster's tracker
  sc token worker --rotate      new tokens for workers, if one was lost

The first call closes the cluster: from then on this account's nodes let in
nobody but holders of the key, and packages and permissions work among them.
Nodes that run take note when they are started again. Who has a token for
workers can make workers of his own, but no master; who has one for a node
cannot, and 'sc revoke' takes it back alone.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			fs.StringVar(&s.cluster, "cluster", s.cluster, "`name` of the cluster (default \"default\")")
			keyFlag(fs, s)
			fs.StringVar(&s.node, "node", s.node, "make it good for the node with that `name` alone")
			fs.Var(&s.ttl, "ttl", "let it count for that `duration`, such as 90d; with --node")
			fs.BoolVar(&s.rotate, "rotate", s.rotate, "make a new key, or new tokens for the role")
			s.overlap = lifetimeFlag(24 * time.Hour)
			fs.Var(&s.overlap, "overlap", "let the old one count for that `duration` still; with --rotate (default 24h)")
		},
		run: runToken,
	}
}

func runToken(_ context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	role, err := tokenRole(rest)
	switch {
	case err != nil:
		return err
	case s.node != "" && role == "":
		return usageError("'sc token worker --node=gpu1', say", "token: --node needs a role")
	case role == readWord && (s.node != "" || s.rotate):
		return usageError("", "token: what reads follows from the key: neither --node nor --rotate concern it")
	case s.ttl != 0 && s.node == "":
		return usageError("who has a token for a role could make one without an end of it", "token: --ttl needs --node")
	}
	k, err := openKeys(&s)
	if err != nil {
		return configError("token", err)
	}
	if k.kept.Token == "" {
		if err := k.close(env); err != nil {
			return configError("token", err)
		}
	} else if s.rotate {
		if err := k.rotate(env, role, time.Duration(s.overlap)); err != nil {
			return configError("token", err)
		}
	}
	return k.print(env, role, s.node, time.Duration(s.ttl))
}

// readWord is the word for a token by which the list of a tracker may be read.
const readWord = "read"

func tokenRole(words []string) (string, error) {
	switch {
	case len(words) == 0:
		return "", nil
	case len(words) > 1:
		return "", usageError("", "token: unexpected argument %q", words[1])
	case words[0] == readWord, words[0] == trust.RoleWorker, words[0] == trust.RoleTracker, words[0] == trust.RoleMaster:
		return words[0], nil
	}
	return "", usageError("'sc token' alone prints the whole key", "token: unknown role %q; there are worker, tracker, master and read", words[0])
}

// A keyring is what this account holds of a cluster's.
type keyring struct {
	cluster string
	store   trust.Store
	kept    trust.Stored
	stored  bool // kept is what the store has, not a flag or a variable
}

// openKeys returns the key that a flag or the environment gives, else what is
// stored.
func openKeys(s *settings) (*keyring, error) {
	k := &keyring{cluster: s.cluster}
	if k.cluster == "" {
		k.cluster = trust.DefaultCluster
	}
	if s.token != "" {
		k.kept.Token = s.token
		return k, nil
	}
	dir := configDir()
	if dir == "" {
		return nil, errors.New("this account has no configuration folder to keep a key in; set HOME, or name a file with --key-file")
	}
	k.store, k.stored = trust.NewStore(dir), true
	var err error
	k.kept, err = k.store.Load(k.cluster)
	return k, err
}

// credential parses what is held.
func (k *keyring) credential() (*trust.Credential, *trust.Revocations, error) {
	c, err := trust.Parse(k.cluster, k.kept.Token)
	if err != nil || len(k.kept.Revoked) == 0 {
		return c, nil, err
	}
	list, err := c.ReadRevocations(k.kept.Revoked)
	return c, list, err
}

// close makes a key for a cluster that had none.
func (k *keyring) close(env *environment) error {
	k.kept = trust.Stored{Token: trust.NewSecret().Token()}
	if err := k.store.Save(k.cluster, k.kept); err != nil {
		return err
	}
	fmt.Fprintf(env.stderr, "sc: cluster %q is closed from now on: nodes of this account let in holders of the key alone.\n"+
		"sc: Start again those that run. On each other machine: sc join, and paste the token.\n", k.cluster)
	return nil
}

// rotate makes a new key, or new tokens for a role.
func (k *keyring) rotate(env *environment, role string, overlap time.Duration) error {
	c, list, err := k.credential()
	if err != nil {
		return err
	}
	until := time.Now().Add(overlap)
	if !c.Whole() || !k.stored {
		return fmt.Errorf("%w: only a machine that stores the whole key can replace it", trust.ErrRole)
	}
	if role != "" {
		if list, err = c.ReplaceRole(list, role, until); err != nil {
			return err
		}
		k.kept.Revoked = list.Encode()
		fmt.Fprintf(env.stderr, "sc: tokens for a %s that were made before count until %s.\n", role, until.Format(time.DateTime))
	} else {
		k.kept = trust.Stored{Token: trust.NewSecret().Token(), Previous: k.kept.Token, Until: until}
		fmt.Fprintf(env.stderr, "sc: the old key counts until %s. On each other machine, before that: sc join --overlap=%v\n",
			until.Format(time.DateTime), overlap)
	}
	return k.store.Save(k.cluster, k.kept)
}

// print writes a token to stdout.
func (k *keyring) print(env *environment, role, node string, ttl time.Duration) error {
	token := k.kept.Token
	c, list, err := k.credential()
	if err == nil && role == "" && !c.Whole() {
		err = fmt.Errorf("%w: this machine does not hold the whole key", trust.ErrRole)
	}
	if err != nil {
		return configError("token", err)
	}
	if role == readWord {
		if token, err = tracker.Bearer(c.NetworkKey()); err != nil {
			return configError("token", err)
		}
	} else if role != "" {
		var until time.Time
		if ttl > 0 {
			until = time.Now().Add(ttl)
		}
		var id trust.ID
		if token, id, err = c.Part(role, node, until, list); err != nil {
			return configError("token", err)
		}
		if node != "" {
			fmt.Fprintf(env.stderr, "sc: node %s has the id %s; 'sc revoke %s' takes its token back\n", node, id, id)
		}
	}
	fmt.Fprintln(env.stdout, token)
	return nil
}

// keyFlag declares where else a token may be.
func keyFlag(fs *flag.FlagSet, s *settings) {
	fs.StringVar(&s.keyFile, "key-file", s.keyFile, "`file` with the token to use instead of the one that 'sc join' stored")
}

// readKey reads the token that a flag or the environment names: named says
// that a file was, by them and not by a file of settings.
func (s *settings) readKey(env *environment, named bool) error {
	if env.key != "" && !named {
		s.token = env.key
		return nil
	}
	if s.keyFile == "" {
		return nil
	}
	token, err := trust.ReadKeyFile(s.keyFile)
	if err != nil {
		return configError("key-file", err)
	}
	s.token = token
	return nil
}

// A lifetimeFlag is a duration that may be given in days.
type lifetimeFlag time.Duration

func (l *lifetimeFlag) String() string { return time.Duration(*l).String() }

func (l *lifetimeFlag) Set(text string) error {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return errors.New("not a number of days from 0 to 65535")
		}
		*l = lifetimeFlag(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("not a duration such as 90d, 12h or 30m")
	}
	*l = lifetimeFlag(d)
	return nil
}

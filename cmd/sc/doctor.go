package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"supercluster/discovery/beacon"
	"supercluster/discovery/lookup"
	"supercluster/pkg/nodepkg"
	"supercluster/pkg/proc"
	"supercluster/vm/executor"
)

func doctorCommand() *command {
	return &command{
		name:  "doctor",
		short: "what is wrong here, and the mend",
		long: `Examples:

  sc doctor                       this host and its network
  sc doctor --tracker=10.0.0.5    and whether that tracker answers
  sc doctor --json                one JSON object a check

A line begins with ok, warn (something is slower, or missing for some tasks)
or fail (something does not work), and the mend stands below. The exit code is
1 if a check failed.
`,
		flags: func(fs *flag.FlagSet, s *settings) {
			networkFlags(fs, s)
			fs.BoolVar(&s.json, "json", s.json, "print one JSON object a line")
			fs.DurationVar(&s.time, "look", lookTime, "`duration` of the look for other nodes")
		},
		run: runDoctor,
	}
}

// A finding is what one check found.
type finding struct {
	V      int    `json:"v"`
	Check  string `json:"check"`
	Status string `json:"status"` // ok, warn, fail or skip
	Found  string `json:"found"`
	Mend   string `json:"mend,omitempty"`
}

func ok(check, format string, args ...any) finding {
	return finding{1, check, "ok", fmt.Sprintf(format, args...), ""}
}

func warn(check, mend, format string, args ...any) finding {
	return finding{1, check, "warn", fmt.Sprintf(format, args...), mend}
}

func fail(check, mend, format string, args ...any) finding {
	return finding{1, check, "fail", fmt.Sprintf(format, args...), mend}
}

func runDoctor(ctx context.Context, env *environment, c *command, args []string) error {
	var s settings
	rest, err := c.parse(env, &s, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("", "doctor: unexpected argument %q", rest[0])
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	checks := []func(context.Context) []finding{
		func(ctx context.Context) []finding { return checkBroadcast(ctx, cmp.Or(s.broadcastPort, 44201)) },
		func(context.Context) []finding { return []finding{checkSocket(&s)} },
		func(context.Context) []finding { return []finding{checkBuffers("/proc/sys/net/core")} },
		func(context.Context) []finding {
			return []finding{checkOffload(tryOffload(), env.getenv("QUIC_GO_DISABLE_GSO"))}
		},
		func(ctx context.Context) []finding { return checkTrackers(ctx, s.trackers) },
		func(ctx context.Context) []finding { return checkNodes(ctx, env, &s) },
		func(context.Context) []finding { return []finding{checkConfig(configDir())} },
		func(ctx context.Context) []finding { return checkTools(ctx, env.getenv("PATH")) },
		checkSandbox,
	}
	failed := 0
	for _, check := range checks {
		for _, f := range check(ctx) {
			if f.Status == "fail" {
				failed++
			}
			if err := f.print(env, s.json); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if failed > 0 {
		return &exitError{code: exitThrew, err: fmt.Errorf("doctor: %s failed", count(failed, "check"))}
	}
	return nil
}

func (f finding) print(env *environment, asJSON bool) error {
	if asJSON {
		return printJSON(env, f)
	}
	style := map[string]string{"ok": styleGreen, "warn": styleAmber, "fail": styleRed}[f.Status]
	mark := paint(env.useColor(env.stdout), style, fmt.Sprintf("%-4s", f.Status))
	_, err := fmt.Fprintf(env.stdout, "%s  %s\n", mark, fold(env.stdout, 6, 19, fmt.Sprintf("%-12s %s", f.Check, printable(f.Found))))
	if err == nil && f.Mend != "" {
		_, err = fmt.Fprintf(env.stdout, "      %s\n", fold(env.stdout, 6, 12, "mend: "+f.Mend))
	}
	return err
}

// minMTU is what a QUIC packet needs (RFC 9000, section 14).
const minMTU = 1280

// checkBroadcast sees whether this host hears its own broadcasts.
func checkBroadcast(ctx context.Context, port int) []finding {
	trials, err := beacon.Try(ctx, port)
	if err != nil {
		return []finding{fail("broadcast", fmt.Sprintf("end the program that has the port ('ss -lunp sport = %d' names it), or give every node another --broadcast-port", port),
			"UDP port %d cannot be shared: %v", port, err)}
	}
	if len(trials) == 0 {
		return []finding{fail("network", "bring up a network; meanwhile 'sc run --local' uses this host alone, and --tracker needs no broadcast",
			"no interface with an IPv4 address can broadcast")}
	}
	var list []finding
	for _, t := range trials {
		where := fmt.Sprintf("%s, %s", t.Interface, t.Prefix)
		switch {
		case t.Err != nil:
			list = append(list, fail("broadcast", fmt.Sprintf("let UDP to port %d out in the firewall, or use --tracker", port), "%s: cannot be sent: %v", where, t.Err))
		case !t.Heard:
			list = append(list, fail("broadcast", fmt.Sprintf("let UDP port %d in, as by 'ufw allow %d/udp' or 'firewall-cmd --add-port=%d/udp', or use --tracker", port, port, port),
				"%s: sent to port %d and not heard: a firewall drops it", where, port))
		case t.MTU < minMTU:
			list = append(list, fail("broadcast", fmt.Sprintf("ip link set %s mtu 1500", t.Interface), "%s: packets of %d bytes at most, QUIC needs %d", where, t.MTU, minMTU))
		default:
			list = append(list, ok("broadcast", "%s: heard on port %d", where, port))
		}
	}
	return list
}

// checkSocket sees whether a node can listen as it is told to.
func checkSocket(s *settings) finding {
	addr := net.JoinHostPort(s.bind, strconv.Itoa(s.port))
	conn, err := net.ListenPacket("udp4", addr)
	if err != nil {
		return fail("socket", "choose another --port or --bind, or none", "cannot listen on UDP %s: %v", addr, err)
	}
	defer conn.Close()
	return ok("socket", "UDP %s can be listened on", conn.LocalAddr())
}

// wantBuffer is the size of socket buffers, in bytes, at which quic-go loses
// no packets on a fast network.
const wantBuffer = 7 << 20

// checkBuffers reads from dir, /proc/sys/net/core, what buffers the system
// allows.
func checkBuffers(dir string) finding {
	small := ""
	for _, name := range []string{"rmem_max", "wmem_max"} {
		text, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			return finding{1, "buffers", "skip", "the system does not say how large UDP buffers may be", ""}
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err == nil && n < wantBuffer {
			small += fmt.Sprintf(" %s is %s,", name, sizeText(n))
		}
	}
	if small != "" {
		return warn("buffers", fmt.Sprintf("sysctl -w net.core.rmem_max=%d net.core.wmem_max=%d, and into /etc/sysctl.d to keep it", wantBuffer, wantBuffer),
			"UDP buffers are small, which costs speed:%s %s is well", small, sizeText(wantBuffer))
	}
	return ok("buffers", "UDP buffers of %s are allowed", sizeText(wantBuffer))
}

// errNoOffload says that this system has no segmentation offload that we use.
var errNoOffload = errors.New("not on this system")

// checkOffload judges whether the system cuts large writes into packets (GSO),
// which saves a system call a packet. off is quic-go's switch.
func checkOffload(err error, off string) finding {
	switch {
	case errors.Is(err, errNoOffload):
		return finding{1, "offload", "skip", "segmentation offload is for Linux", ""}
	case off == "true" || off == "1":
		return warn("offload", "unset QUIC_GO_DISABLE_GSO", "segmentation offload is switched off, which costs speed")
	case err != nil:
		return warn("offload", "Linux 4.18 or newer has it; a container may hide it", "no segmentation offload, which costs speed: %v", err)
	}
	return ok("offload", "one call sends many packets (GSO)")
}

// maxSkew is how far clocks may be apart until certificates and logs mislead.
const maxSkew = 30 * time.Second

func checkTrackers(ctx context.Context, trackers []string) []finding {
	var list []finding
	for _, t := range trackers {
		if lookup.Is(t) {
			list = append(list, finding{1, "tracker", "skip", t + " is a source of addresses; name one of them", ""})
			continue
		}
		list = append(list, checkTracker(ctx, t))
	}
	return list
}

func checkTracker(ctx context.Context, addr string) finding {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(addr, "44201")
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	mend := "start 'sc tracker' there, and let TCP to that port through"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/hostsAvailable", nil)
	if err != nil {
		return fail("tracker", "write it as HOST or HOST:PORT", "%s: %v", addr, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fail("tracker", mend, "%s does not answer: %v", addr, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fail("tracker", mend, "%s is no tracker: it answers %s", addr, resp.Status)
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		if skew := time.Until(at).Abs(); skew > maxSkew {
			return warn("tracker", "set the clocks, as by 'timedatectl set-ntp true'", "%s answers, and its clock is %v off", addr, skew.Round(time.Second))
		}
	}
	return ok("tracker", "%s answers", addr)
}

// checkConfig sees whether this account's key can be kept.
func checkConfig(dir string) finding {
	if dir == "" {
		return warn("account", "set HOME", "there is no folder for this account's key: each process is a stranger to the others")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail("account", "make it one that you may write to", "%v", err)
	}
	f, err := os.CreateTemp(dir, "doctor")
	if err != nil {
		return fail("account", "make it one that you may write to", "%v", err)
	}
	f.Close()
	_ = os.Remove(f.Name()) // it is ours, and was made this moment
	return ok("account", "%s can be written to", dir)
}

// minNode is the oldest major version of node that package tasks are tested
// with.
const minNode = 18

// checkTools looks for what package tasks need.
func checkTools(ctx context.Context, path string) []finding {
	found := nodepkg.FindTools(path)
	var list []finding
	for _, t := range []nodepkg.Tool{nodepkg.Git, nodepkg.Npm, nodepkg.Node} {
		name := string(t)
		if found[t] == "" {
			list = append(list, warn(name, "install it if tasks with package.json are to run here, as by 'apt install git nodejs npm'", "%s is not in PATH", name))
			continue
		}
		text := toolVersion(ctx, found[t], path)
		major, err := strconv.Atoi(strings.SplitN(strings.TrimPrefix(text, "v"), ".", 2)[0])
		switch {
		case text == "":
			list = append(list, fail(name, "reinstall it", "%s does not tell its version", found[t]))
		case t == nodepkg.Node && (err != nil || major < minNode):
			list = append(list, fail(name, fmt.Sprintf("install node %d or newer", minNode), "%s is %s", found[t], text))
		default:
			list = append(list, ok(name, "%s, %s", found[t], text))
		}
	}
	return list
}

// toolVersion is the first line of what "FILE --version" prints.
func toolVersion(ctx context.Context, file, path string) string {
	var out strings.Builder
	p, err := proc.Start(proc.Config{Path: file, Args: []string{"--version"}, Env: []string{"PATH=" + path}, Stdout: &out})
	if err != nil {
		return ""
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
	case <-time.After(10 * time.Second):
		p.Kill()
	}
	p.Wait()
	line, _, _ := strings.Cut(out.String(), "\n")
	return strings.TrimSpace(line)
}

// checkSandbox starts an executor and asks what confines it.
func checkSandbox(ctx context.Context) []finding {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	pool := executor.New(executor.Config{Command: executorArgs()})
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(ctx) }()
	lines := pool.Confinement(ctx)
	stop()
	<-ended
	if len(lines) == 0 {
		return []finding{fail("sandbox", "see what 'sc worker --verbose' logs", "no executor was ready within 10s")}
	}
	var list []finding
	for _, line := range lines {
		if strings.HasPrefix(line, "without") {
			list = append(list, warn("sandbox", "a newer kernel, or a container with more rights, has it; 'sc help sandbox'", "%s", line))
			continue
		}
		list = append(list, ok("sandbox", "%s", line))
	}
	return list
}

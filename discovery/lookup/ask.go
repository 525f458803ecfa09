package lookup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"

	"supercluster/pkg/proc"
)

// get reads the places that a web server gives.
func (c Config) get(ctx context.Context, from string) ([]Place, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	res, err := c.Client.Do(req)
	if err != nil {
		if u := (*url.Error)(nil); errors.As(err, &u) {
			err = u.Err // who logs it names the source
		}
		return nil, err
	}
	defer res.Body.Close()
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answers status %d", res.StatusCode)
	case kind == "text/html":
		return nil, errors.New(`it answers a web page ("text/html"), not addresses`)
	}
	return readPlaces(res.Body)
}

// readPlaces reads places up to the end of r, or refuses.
func readPlaces(r io.Reader) ([]Place, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read its answer: %w", err)
	}
	if len(text) > maxAnswer {
		return nil, fmt.Errorf("its answer is longer than %d bytes", maxAnswer)
	}
	return Parse(text)
}

// file makes a question of a path.
func (c Config) file(rest string) (func(context.Context) ([]Place, error), error) {
	path := rest
	if p, ok := strings.CutPrefix(rest, "//"); ok {
		path = p // file:///etc/cluster
	}
	if path == "" {
		return nil, errors.New("it needs a path, as file:/etc/supercluster/trackers")
	}
	return func(context.Context) ([]Place, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil, errors.Join(err, errors.New("it is no plain file"))
		}
		return readPlaces(f)
	}, nil
}

// exec makes a question of a line for the shell, which gets the environment of this process.
func (c Config) exec(rest string) (func(context.Context) ([]Place, error), error) {
	if strings.TrimSpace(rest) == "" {
		return nil, errors.New("it needs a command, as exec:./trackers.sh")
	}
	shell, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd.exe", "/C"
	}
	return func(ctx context.Context) ([]Place, error) {
		var out limited
		p, err := proc.Start(proc.Config{Path: shell, Args: []string{flag, rest}, Env: os.Environ(), Stdout: &out})
		if err != nil {
			return nil, err
		}
		defer context.AfterFunc(ctx, p.Kill)()
		state := p.Wait()
		switch said := strings.TrimSpace(p.Tail()); {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("the command took longer than %v", answerTime)
		case state.Code != 0 && said != "":
			return nil, fmt.Errorf("the command ended with code %d: %.200s", state.Code, said)
		case state.Code != 0:
			return nil, fmt.Errorf("the command ended with code %d", state.Code)
		}
		return readPlaces(&out.Buffer)
	}, nil
}

// limited keeps what is written to it up to a little more than is taken in.
type limited struct{ bytes.Buffer }

// Write takes p, and drops what is too much of it.
func (l *limited) Write(p []byte) (int, error) {
	if room := maxAnswer + 1 - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

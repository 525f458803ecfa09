package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"supercluster/pkg/spell"
)

// projectConf is the name of a project's settings, looked for in the current
// folder and those above it; userConf that of the user's, in configDir.
const (
	projectConf = "sc.json"
	userConf    = "config.json"
)

// maxConf bounds the size of a file of settings, in bytes.
const maxConf = 1 << 20

// momentary are the flags that say what one call of sc is to do. They cannot
// be settings: a project in which every command prints JSON helps nobody.
var momentary = []string{
	"all", "bar", "block", "eta", "filter", "follow", "halt", "interval", "joblog", "json", "keep-order", "kept", "look",
	"node", "null", "off", "older", "once", "out", "overlap", "pipe", "progress", "reason", "resume", "resume-failed",
	"rotate", "since", "sort", "tag", "tail", "time", "ts", "ttl", "undo", "wait", "worker", "yes-i-know",
}

// A confFile is a file of settings: JSON values by key, which is a flag's name
// in camel case.
type confFile struct {
	path    string
	project bool // it came with a project, so it may not grant what its user has not
	keys    []string
	values  map[string]json.RawMessage
	lines   map[string]int
}

// settingName is the key of a flag in files, settingVariable its name in the
// environment.
func settingName(flagName string) string {
	parts := strings.Split(flagName, "-")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

func settingVariable(flagName string) string {
	return "SC_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// isSetting reports whether a flag may stand in the environment and in files.
// Single letters are short for others.
func isSetting(flagName string) bool {
	return len(flagName) > 1 && !slices.Contains(momentary, flagName)
}

// grants reports whether a setting gives tasks of others access to this host,
// which a file that came with a project may not.
func grants(flagName string) bool {
	switch flagName {
	case "isolation", "engine", "key-file", "closed", "git-protocols", "git-hosts", "git-mirror", "npm-registry", "no-npm-scripts", "metrics", "guest-quota":
		return true
	}
	return strings.HasPrefix(flagName, "allow-")
}

// settingFlags lists the flags of all commands that are settings, by key.
func settingFlags() map[string]*flag.Flag {
	all := make(map[string]*flag.Flag)
	for _, c := range commands() {
		if c.flags == nil {
			continue
		}
		set := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.flags(set, new(settings))
		set.VisitAll(func(f *flag.Flag) {
			if isSetting(f.Name) {
				all[settingName(f.Name)] = f
			}
		})
	}
	return all
}

// configure gives the flags that the command line did not set what the
// environment, the project's file or the user's says, the first that says
// something.
func configure(set *flag.FlagSet, getenv func(string) string) error {
	given := make(map[string]bool)
	set.Visit(func(f *flag.Flag) { given[f.Name] = true })
	files, err := readConf()
	if err != nil {
		return err
	}
	var failed error
	set.VisitAll(func(f *flag.Flag) {
		if failed != nil || given[f.Name] || !isSetting(f.Name) {
			return
		}
		if text := getenv(settingVariable(f.Name)); text != "" {
			failed = setFromEnvironment(f, text)
			return
		}
		for _, c := range files {
			if raw, ok := c.values[settingName(f.Name)]; ok {
				failed = c.set(f, raw)
				return
			}
		}
	})
	return failed
}

func setFromEnvironment(f *flag.Flag, text string) error {
	parts := []string{text}
	if _, ok := f.Value.(*listFlag); ok {
		parts = splitList(text)
	}
	for _, p := range parts {
		if err := f.Value.Set(p); err != nil {
			return &exitError{
				code: exitConfig,
				err:  fmt.Errorf("%s: %q is %s", settingVariable(f.Name), p, complaint(f, err)),
				hint: "'sc help settings' says what settings there are and where they come from",
			}
		}
	}
	return nil
}

// complaint is why a flag did not take a text, as the end of a sentence.
func complaint(f *flag.Flag, err error) string {
	if isDuration(f) {
		return "not a duration such as 30s or 1m30s"
	}
	text := err.Error()
	if text == "parse error" {
		return "not a value for it"
	}
	return text
}

func isDuration(f *flag.Flag) bool {
	g, ok := f.Value.(flag.Getter)
	if !ok {
		return false
	}
	_, ok = g.Get().(time.Duration)
	return ok
}

// readConf reads the project's file and the user's, those that are there, and
// checks every key in them.
func readConf() ([]confFile, error) {
	var files []confFile
	if path := findProjectConf(); path != "" {
		c, err := readConfFile(path)
		if err != nil {
			return nil, err
		}
		c.project = true
		files = append(files, c)
	}
	if dir := configDir(); dir != "" {
		c, err := readConfFile(filepath.Join(dir, userConf))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			files = append(files, c)
		}
	}
	if len(files) == 0 {
		return nil, nil
	}
	known := settingFlags()
	for _, c := range files {
		if err := c.check(known); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// findProjectConf is the sc.json of the current folder or the nearest above
// it, "" without one. One that a stranger can have put there is none.
func findProjectConf() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		path := filepath.Join(dir, projectConf)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !strangersFile(dir, info) {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

func readConfFile(path string) (confFile, error) {
	c := confFile{path: path, values: make(map[string]json.RawMessage), lines: make(map[string]int)}
	f, err := os.Open(path)
	if err != nil {
		return c, &exitError{code: exitConfig, err: err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConf+1))
	switch {
	case err != nil:
		return c, &exitError{code: exitConfig, err: err}
	case len(text) > maxConf:
		return c, &exitError{code: exitConfig, err: fmt.Errorf("%s: more than %d bytes", path, maxConf)}
	}
	if err := c.decode(text); err != nil {
		return c, &exitError{code: exitConfig, err: err, hint: "it is one JSON object, such as {\"cluster\": \"lab\"}"}
	}
	return c, nil
}

// decode reads the object key by key, to know the line of each.
func (c *confFile) decode(text []byte) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	dec := json.NewDecoder(bytes.NewReader(text))
	at := func() int { return 1 + bytes.Count(text[:dec.InputOffset()], []byte("\n")) }
	fail := func(err error) error {
		var syntax *json.SyntaxError
		line := at()
		if errors.As(err, &syntax) {
			line = 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ends in the middle")
		}
		return fmt.Errorf("%s:%d: %w", c.path, line, err)
	}
	token, err := dec.Token()
	if err != nil {
		return fail(err)
	}
	if token != json.Delim('{') {
		return fmt.Errorf("%s: not a JSON object", c.path)
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return fail(err)
		}
		key := token.(string) // what is more in an object begins with a key
		c.lines[key] = at()
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fail(err)
		}
		c.keys = append(c.keys, key)
		c.values[key] = raw
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: something follows the object", c.path)
	}
	return nil
}

// check refuses keys that no command knows, and what the file may not say.
func (c *confFile) check(known map[string]*flag.Flag) error {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, key := range c.keys {
		if key == "$schema" {
			continue
		}
		f, ok := known[key]
		if !ok {
			hint := "'sc help settings' lists the keys"
			near := spell.Nearest(key, names)
			if near == "" && strings.Contains(key, "-") {
				near = spell.Nearest(settingName(key), names)
			}
			if near != "" {
				hint = fmt.Sprintf("did you mean %q? %s", near, hint)
			}
			return c.fault(key, hint, "unknown key %q", key)
		}
		if c.project && grants(f.Name) {
			return c.fault(key, fmt.Sprintf("give --%s, set %s, or write it into %s", f.Name, settingVariable(f.Name), filepath.Join(configDir(), userConf)),
				"%q may not stand in a project's file, which comes from wherever the project does", key)
		}
		if c.project && bytes.Contains(c.values[key], []byte(`"exec:`)) {
			return c.fault(key, "give it as a flag, or write it into the user's file",
				"a command to run may not stand in a project's file, which comes from wherever the project does")
		}
	}
	return nil
}

func (c *confFile) fault(key, hint, format string, args ...any) error {
	return &exitError{code: exitConfig, err: fmt.Errorf("%s:%d: %s", c.path, c.lines[key], fmt.Sprintf(format, args...)), hint: hint}
}

// set gives a flag the JSON value of its key.
func (c *confFile) set(f *flag.Flag, raw json.RawMessage) error {
	key := settingName(f.Name)
	texts, err := settingTexts(f, raw)
	if err != nil {
		return c.fault(key, "", "%s: %v", key, err)
	}
	for _, text := range texts {
		if err := f.Value.Set(text); err != nil {
			return c.fault(key, "", "%s: %s is %s", key, raw, complaint(f, err))
		}
	}
	return nil
}

// settingTexts is a JSON value as the texts that a command line would give.
func settingTexts(f *flag.Flag, raw json.RawMessage) ([]string, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		return []string{v}, nil
	case bool:
		return []string{fmt.Sprint(v)}, nil
	case json.Number:
		if isDuration(f) {
			return nil, fmt.Errorf("%s has no unit; write \"%ss\" for seconds", v, v)
		}
		return []string{v.String()}, nil
	case []any:
		var texts []string
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return nil, fmt.Errorf("not an array of strings: %s", raw)
			}
			texts = append(texts, text)
		}
		if _, ok := f.Value.(*listFlag); !ok {
			return []string{strings.Join(texts, ",")}, nil
		}
		return texts, nil
	case map[string]any:
		if f.Name == "data" {
			return []string{string(raw)}, nil
		}
	}
	return nil, fmt.Errorf("%s is not a value for it", raw)
}

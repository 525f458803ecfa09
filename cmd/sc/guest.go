package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"supercluster/jsapi"
	"supercluster/pkg/spell"
	"supercluster/vm/executor"
)

// A quotaFlag is what strangers may have of a worker: amounts by name, such as
// tasks=2,time=30s. Those that are not named keep their defaults.
type quotaFlag struct{ to *jsapi.GuestQuota }

// quotaNames are the names of the amounts, as the help lists them.
var quotaNames = []string{"tasks", "queue", "time", "cpu", "memory", "size", "log", "nodes"}

func (q quotaFlag) String() string { return "" }

func (q quotaFlag) Set(text string) error {
	var given jsapi.GuestQuota
	var seen []string
	for pair := range strings.SplitSeq(text, ",") {
		name, amount, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return fmt.Errorf("%q is not name=amount, such as tasks=2", pair)
		}
		if slices.Contains(seen, name) {
			return fmt.Errorf("%s is given twice", name)
		}
		seen = append(seen, name)
		if err := setQuota(&given, name, amount); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	*q.to = given
	return nil
}

// setQuota reads one amount.
func setQuota(q *jsapi.GuestQuota, name, amount string) (err error) {
	switch name {
	case "tasks":
		q.Tasks, err = quotaCount(amount)
	case "queue":
		q.Queue, err = quotaCount(amount)
	case "nodes":
		q.Nodes, err = quotaCount(amount)
	case "time":
		q.Time, err = quotaTime(amount)
	case "cpu":
		q.CPU, err = quotaTime(amount)
	case "memory":
		err = limitFlag{&q.Memory, executor.MinMemory}.Set(amount)
	case "size":
		err = sizeFlag{&q.Size, 64 << 10, 1 << 20}.Set(amount)
	case "log":
		err = sizeFlag{&q.Log, 1, math.MaxInt32}.Set(amount)
	default:
		if near := spell.Nearest(name, quotaNames); near != "" {
			return fmt.Errorf("no such amount; did you mean %q?", near)
		}
		return fmt.Errorf("no such amount; there are %s", strings.Join(quotaNames, ", "))
	}
	return err
}

func quotaCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 4096 {
		return 0, fmt.Errorf("%q is not a whole number from 1 to 4096", text)
	}
	return n, nil
}

func quotaTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Millisecond {
		return 0, fmt.Errorf("%q is not a duration such as 30s, of 1ms or more", text)
	}
	return d, nil
}

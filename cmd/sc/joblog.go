package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// joblogHeader is GNU parallel's, so that the same programs read both.
const joblogHeader = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"

// A joblog is a file with a line for each input line that has ended.
type joblog struct{ f *os.File }

// openJoblog opens the log at path: anew, or to go on with it.
func openJoblog(path string, resume bool) (*joblog, error) {
	how := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if resume {
		how = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	f, err := os.OpenFile(path, how, 0o666)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		_, err = f.WriteString(joblogHeader)
		if err != nil {
			f.Close()
			return nil, err
		}
	}
	return &joblog{f}, nil
}

// add writes the line of one input line at once, so that a run that is killed
// can be resumed.
func (l *joblog) add(seq int, host string, began time.Time, took time.Duration, sent, received int, failed bool, input string) error {
	exit := 0
	if failed {
		exit = 1
	}
	_, err := fmt.Fprintf(l.f, "%d\t%s\t%.3f\t%10.3f\t%d\t%d\t%d\t0\t%s\n", seq, host, float64(began.UnixMilli())/1000,
		took.Seconds(), sent, received, exit, oneLine(input))
	return err
}

// oneLine is text that cannot end a line of a log or begin a column.
func oneLine(text string) string {
	return strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
}

// endedBefore reads from the log at path which input lines need not run: all
// that it holds, or with failed only those that went well the last time.
func endedBefore(path string, failed bool) (map[int]bool, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ended := make(map[int]bool)
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, maxText)
	for n := 1; scan.Scan(); n++ {
		fields := strings.SplitN(scan.Text(), "\t", 9)
		if fields[0] == "Seq" {
			continue
		}
		seq, err := strconv.Atoi(fields[0])
		if err != nil || len(fields) < 8 {
			return nil, fmt.Errorf("%s:%d: not a line of a job log", path, n)
		}
		if !failed || fields[6] == "0" {
			ended[seq] = true
		} else {
			delete(ended, seq)
		}
	}
	return ended, scan.Err()
}

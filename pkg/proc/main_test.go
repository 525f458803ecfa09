package proc

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the program that the tests start: its first argument says what it does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(child(os.Args[1], os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

func child(role string, args []string) int {
	switch role {
	case "exit":
		code, _ := strconv.Atoi(args[0])
		return code
	case "say":
		fmt.Fprint(os.Stdout, args[0])
		fmt.Fprint(os.Stderr, args[1])
	case "env":
		dir, _ := os.Getwd()
		fmt.Printf("%q %s", os.Environ(), dir)
	case "echo":
		conn, err := ChildConn()
		if err != nil {
			fmt.Fprint(os.Stderr, err)
			return 1
		}
		io.Copy(conn, conn)
		return 7
	case "deaf": // ends by a signal that cannot be ignored only
		signal.Ignore()
		fmt.Println("ready")
		select {}
	case "tree": // starts one that is deaf, says its number, ends as args say when stdin does
		cmd := exec.Command(os.Args[0], "deaf")
		out, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			return 1
		}
		bufio.NewReader(out).ReadString('\n')
		fmt.Println(cmd.Process.Pid)
		io.Copy(io.Discard, os.Stdin)
	}
	return 0
}

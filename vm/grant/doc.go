// Package grant gives tasks what their worker's owner allows: files, network, environment and programs, as Deno does.
//
// A task has nothing of this by itself: its executor cannot open, connect or execute. It asks. New takes the
// Permissions of a worker; for each task with permissions Broker.Open makes a Session, whose Ask checks one request
// and carries it out, in the worker's process. So no check is made where the task could reach it.
//
// Paths are judged after all symbolic links in them were followed, and used through a descriptor of the folder that
// allows them (os.Root), so that a link which is swapped in between leads nowhere. Below /proc, /sys and /dev a path
// must be named itself, or all be allowed. Hosts are judged twice: by name before it is looked up, then by the address
// that is dialled. A name allows no address of this machine or of the link, such as 127.0.0.1 and 169.254.169.254,
// unless it is localhost. Programs are those that their names stand for when the worker starts.
//
// Limits of a task: 64 open files, connections and programs; 64 KiB in one request or answer. At its end, which
// is Session.Close, all of them are closed and what a program started ends with it.
//
// A refusal is a *Denied, which names what was asked for and the flag that would allow it. Ask may be called from any
// goroutine; what waits ends with its context.
package grant

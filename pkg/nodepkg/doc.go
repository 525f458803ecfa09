// Package nodepkg runs package tasks: it clones a repository, installs what a package.json names, and runs a file, an
// export, a function or commands of it in a real node, each in a folder and a process tree of its own.
//
// The way of a task through [Runner.Execute]: git brings its commit into a mirror of the repository (phase "clone");
// the checkout, with the task's package.json over it, is installed by npm (phase "install"), once for all tasks of
// that commit and package.json; a copy of that tree becomes the task's folder, in which node runs (phase "run"). A
// runtime of ours, package js's node_main, gives the task its module and carries progress, messages and the result
// over a connection; what the process prints is the task's log.
//
// # On disk
//
// Under Config.Dir, which processes of one account share:
//
//	mirrors/HASH      bare repositories, by their URL
//	trees/HASH        installed checkouts, by all that decides what is in them
//	npm               npm's own cache
//	tasks/OWNER/TASK  folders of tasks that run, OWNER being a Runner that holds OWNER.lock
//	kept/TASK         folders of tasks that were to be kept
//
// Files are locked while they are used. What is used least recently goes when all takes more than Config.MaxBytes.
// A Runner that starts removes the folders, and ends the processes, of those that are gone without goodbye.
//
// # What is not trusted
//
// URLs, refs, paths and the content of a repository come from others. URLs are taken apart and put together again
// (address.go), hosts are resolved and checked before git is told of them, and git gets no configuration, no hooks,
// no submodules and one protocol. All paths lead through os.Root. Children get an environment of a few names, none of
// them the worker's; programs are found once, at absolute paths. What node runs has all rights of the worker's
// account: whom to serve is the caller's decision.
//
// Every method may be called from any goroutine. The package starts goroutines that end with the call that started
// them, and asks nothing of the network but through git, npm and the check of redirects.
package nodepkg

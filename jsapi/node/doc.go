// Package node holds Node.js's builtin modules as scripts see them: the native halves in Go, and what joins them to
// their JavaScript halves in package js.
//
// The way of require('fs'): Builtin finds the name in the table of public modules, runs js/fs.js once in the loop's
// runtime, and gives it the native functions of that file as "binding" (fs.go here). Nothing is loaded before it is
// asked for; Install puts only lazy properties on the global object, so that a script which prints a line loads the
// console and what that needs.
//
// Everything runs on the loop's goroutine. What may block (files, stdin) goes through vm.Loop.Async or, where there
// is one long-lived reader, through the goroutine that Run starts; its results come back by vm.Loop.Post. A native
// function reports an error of the operating system as a plain object {code, errno, syscall, path, dest} from which
// js/system_error.js makes Node's Error.
//
// A module that is not here fails at require with ERR_UNKNOWN_BUILTIN_MODULE and its name; nothing is a silent stub.
package node

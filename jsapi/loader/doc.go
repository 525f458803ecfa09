// Package loader gets from a path to a running program: it finds modules as Node.js does, compiles them, and runs
// them as CommonJS or ES modules on a vm.Loop.
//
// The way of one file: resolve (resolve.go, exports.go) finds its real path and format; lower (lower.go) makes
// CommonJS that goja parses of it, with esbuild, but only if it is TypeScript, JSX or an ES module, or if goja does
// not parse it as it stands; build (compile.go) makes the goja program of the text and its source map, and is where
// passes that rewrite modules join in. CommonJS that goja parses is run as it is: same text, same lines, same Function.prototype.toString.
//
// Positions. A file that was lowered has two texts. Its "compiled" text goes by the name of the file with
// "?compiled" after it, and functions that are sent elsewhere travel with places in it (Locate). goja is given the
// source map, so errors of this process show the user's own file and lines already; stacks that come back from
// elsewhere are in compiled coordinates, and MapStack turns them into the user's. A file that was not lowered has
// one text, one name and nothing to map but columns: goja counts them in bytes, and wherever it is told of UTF-16 units
// (vm.CountUTF16), so all places that have left goja are in those. MapStack leaves what is mapped already as it is.
//
// Functions that are sent. In the script's own files each function that uses something from around it gets a probe
// (analyse.go, instrument.go): asked by a snapshot (snapshot.go), it gives the values of those variables, so nothing is
// paid when a function is made and one test when it is called. Only the tree changes; goja keeps a tag instead of the
// text of each function, which tells functions of the same text apart, and Function.prototype.toString gives the
// text for the tag. What modules export, and what is part of the language, is not copied but found again by the worker
// (known.go), modules as one text with all that they require (bundle.go).
//
// Everything but MapStack, Locate, Frame and Describe belongs to the loop's goroutine; those four may be called from
// any goroutine as long as Describe is given no JavaScript value. The package starts no goroutine, changes nothing
// on disk but its cache, and never loads native addons.
package loader

package loader

import (
	"slices"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/unistring"
)

// variable is a name that a scope declares.
type variable struct {
	name   unistring.String
	scope  *scope
	shared bool  // a function inside its scope assigns to it, so that functions may tell each other something by it
	writes []use // those of functions inside
	uses   []use // by functions inside its scope

	init    ast.Expression // of a check: what it was declared with, nil if that is unknown
	closure *closure       // of a check: the function or class that it was declared as
}

// use is a place where a name stands, in offsets of the parsed text.
type use struct {
	at   file.Idx
	form useForm
}

// useForm says what has to be written in the place of a name that becomes a property of something.
type useForm byte

const (
	usePlain     useForm = iota
	useShorthand         // {name}
	useCalled            // name()
)

// scope is a part of the text with names of its own.
type scope struct {
	parent *scope
	frame  *frame
	few    []*variable // the first names
	many   map[unistring.String]*variable
	hidden string           // the variable that tells one run of this scope from another, if there has to be one
	block  *[]ast.Statement // where that is declared; nil where it cannot be
}

// fewNames is how many names a scope looks through one by one.
const fewNames = 8

func (s *scope) find(name unistring.String) *variable {
	if s.many != nil {
		return s.many[name]
	}
	for _, v := range s.few {
		if v.name == name {
			return v
		}
	}
	return nil
}

func (s *scope) declare(name unistring.String) {
	if s.find(name) != nil {
		return
	}
	v := &variable{name: name, scope: s}
	if s.many == nil && len(s.few) < fewNames {
		s.few = append(s.few, v)
		return
	}
	if s.many == nil {
		s.many = make(map[unistring.String]*variable, 4*fewNames)
		for _, old := range s.few {
			s.many[old.name] = old
		}
	}
	s.many[name] = v
}

// frame is a function, a class, or a module: code that is sent as a whole.
type frame struct {
	parent  *frame
	depth   int
	closure *closure // nil for the module
	seen    map[*variable]bool
}

// closure is what sending a function takes to know of it.
type closure struct {
	start, end file.Idx // of its text
	class      bool
	arrow      bool // with a value for a body
	strict     bool
	async      bool
	generator  bool
	private    bool   // a class with #members
	dynamic    string // what keeps its names from being known: "eval" or "with"
	shadowed   bool   // a name that its parameters use means another variable in its body
	params     int
	patterns   bool // its parameters take arguments apart
	computed   bool // its parameters run code that no argument keeps from running
	vars       []captured
	globals    []captured // names that nothing declares
	requires   []string   // modules that it requires by a fixed name
	scopes     []*scope   // of its shared variables: after the variables, the probe gives what tells their runs apart

	mended string // the whole text of an arrow function, once asked for

	body    ast.ConciseBody   // until it is instrumented
	literal *ast.ClassLiteral // the same of a class
}

// captured is a variable that a closure uses from around it, and where first.
type captured struct {
	*variable
	at file.Idx
}

// addFree notes that code of fr, and of the functions around it up to v's own, uses v.
func (fr *frame) addFree(v *variable, at file.Idx) {
	for f := fr; f != nil && f.closure != nil && f != v.scope.frame; f = f.parent {
		if !f.note(v, at) {
			return // then those around it know as well
		}
	}
}

func (fr *frame) note(v *variable, at file.Idx) bool {
	c := fr.closure
	if fr.seen == nil {
		if slices.ContainsFunc(c.vars, func(u captured) bool { return u.variable == v }) {
			return false
		}
		if len(c.vars) == fewNames {
			fr.seen = make(map[*variable]bool, 4*fewNames)
			for _, u := range c.vars {
				fr.seen[u.variable] = true
			}
		}
	} else if fr.seen[v] {
		return false
	}
	if fr.seen != nil {
		fr.seen[v] = true
	}
	c.vars = append(c.vars, captured{v, at})
	return true
}

package vm

import "errors"

var errNotFunction = errors.New("not a function")

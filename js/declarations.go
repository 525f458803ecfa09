package js

import _ "embed"

//go:embed supercluster.d.ts
var types string

// Types returns the TypeScript declarations of require('supercluster'), which sc types prints.
func Types() string { return types }

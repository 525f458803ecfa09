package main

import (
	"context"
	"io"

	"supercluster/js"
)

func typesCommand() *command {
	return &command{
		name:  "types",
		short: "print the TypeScript declarations",
		long: `Examples:

  sc types > supercluster.d.ts   an editor then knows every call

A project with a tsconfig.json needs nothing more; in a JavaScript file put
'/// <reference path="./supercluster.d.ts" />' on the first line.
`,
		run: func(_ context.Context, env *environment, c *command, args []string) error {
			var s settings
			rest, err := c.parse(env, &s, args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return usageError("'sc help types' says more", "types: unexpected argument %q", rest[0])
			}
			_, err = io.WriteString(env.stdout, js.Types())
			return err
		},
	}
}

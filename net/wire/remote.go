package wire

// A RemoteError is an error that another node told us of, as opposed to one that we found ourselves.
type RemoteError struct {
	// Code is stable and for programs, such as ERR_TASK_TIMEOUT; it may be empty.
	Code string
	// Name is the JavaScript error's name, Message its message, Stack its stack, which may be empty.
	Name, Message, Stack string
}

// Error returns "CODE: message", or "Name: message" where there is no code.
func (e *RemoteError) Error() string {
	prefix := e.Code
	if prefix == "" {
		prefix = e.Name
	}
	if prefix == "" {
		return e.Message
	}
	return prefix + ": " + e.Message
}

// Package crypto is the native half of Node's module crypto, without an engine: digests, key derivation, ciphers,
// keys, signatures and key agreement, by the names that Node (OpenSSL) gives them, on Go's standard library.
//
// Everything works on bytes and belongs to one goroutine at a time. A Key never changes and may be used by several.
// What is asked wrongly is an *Error with Node's code; what cannot be is said by name ("unsupported curve"), never
// replaced by something else. The package reads no files and keeps no state.
package crypto

// Error is what a script gets as an Error with Node's code and message.
type Error struct {
	Code    string // "ERR_CRYPTO_INVALID_KEYLEN"
	Message string
	Class   string // of the JavaScript error: "TypeError", "RangeError"; empty is Error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

func fail(code, message string) error { return &Error{Code: code, Message: message} }

// openssl makes an error as OpenSSL would, whose code Node derives from the reason.
func openssl(code, message string) error {
	return &Error{Code: "ERR_OSSL_" + code, Message: message}
}

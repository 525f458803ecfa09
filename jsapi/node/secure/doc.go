// Package secure is the native half of Node's modules tls and https, without an engine: contexts of certificates and
// keys, handshakes, the verdict on what the other side showed, by OpenSSL's names, on Go's crypto/tls.
//
// A Context is made once and shared by many connections; it never changes. Handshake is given a connection and a Role
// and leaves the judgement to its caller: it ends well with a certificate that nobody knows, and State.Fault says so,
// since Node's scripts decide by rejectUnauthorized. The package never reads files but the system's authorities.
package secure

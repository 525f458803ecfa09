package trust

import (
	"fmt"
	"strings"
)

// Codes of refusals. Their meaning never changes.
const (
	// CodeKeyRequired: it is for members only.
	CodeKeyRequired = "ERR_KEY_REQUIRED"
	// CodePeerUntrusted: it is not given to one that is no member.
	CodePeerUntrusted = "ERR_PEER_UNTRUSTED"
	// CodeWrongKey: the other side holds another key, or none.
	CodeWrongKey = "ERR_WRONG_KEY"
	// CodeRoleDenied: the token is not good for the role.
	CodeRoleDenied = "ERR_ROLE_DENIED"
	// CodeKeyRevoked: the token was revoked, or has expired.
	CodeKeyRevoked = "ERR_KEY_REVOKED"
	// CodeKeyBad: a key that was named cannot be used as it is.
	CodeKeyBad = "ERR_KEY_BAD"
	// CodeQuota: guests use as much as they may.
	CodeQuota = "ERR_QUOTA"
)

// hints say what to do about a code.
var hints = map[string]string{
	CodeKeyRequired:   "'sc token' on a machine of the cluster prints its key, 'sc join' on this one takes it",
	CodePeerUntrusted: "'sc token' here prints a key, 'sc join' on the other machine takes it",
	CodeWrongKey:      "'sc join' takes the token of the other cluster, which 'sc token' prints there",
	CodeRoleDenied:    "'sc token' without a role prints a token that is good for all",
	CodeKeyRevoked:    "'sc token' on a machine of the cluster prints a new one, 'sc join' takes it",
	CodeKeyBad:        "'sc token' prints a key; keep it in a file of mode 0600",
	CodeQuota:         "a shared key lifts it: 'sc token' there, 'sc join' here",
}

// Hint says what to do about a refusal with that code; "" if it is none of ours.
func Hint(code string) string { return hints[code] }

// A Refusal is an error for reasons of trust.
type Refusal struct{ Code, Message string }

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// Hint says what to do about it.
func (r *Refusal) Hint() string { return Hint(r.Code) }

// refuse makes a Refusal.
func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Reason is the refusal in one line, for the other side, which ParseReason reads.
func (r *Refusal) Reason() string { return r.Code + ": " + r.Message }

// ParseReason reads the refusal that another node gave as its reason; ok is false if it gave another reason.
func ParseReason(reason string) (r *Refusal, ok bool) {
	code, message, found := strings.Cut(reason, ": ")
	if _, known := hints[code]; !known || !found {
		return nil, false
	}
	return &Refusal{Code: code, Message: message}, true
}

package nodepkg

import (
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Limits of paths that tasks name, in bytes; of a part of them, those of most file systems.
const (
	maxPath = 1024
	maxPart = 255
)

// localPath checks a path below a folder, with slashes, and returns it without detours; "" and "." are ".". What may
// mean something else on another system, such as a backslash or a drive, is refused everywhere.
func localPath(field, p string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", failf(CodePath, "", "%s %.200q is refused: %s", field, p, why)
	}
	switch {
	case len(p) > maxPath:
		return refuse("it is longer than 1024 bytes")
	case !utf8.ValidString(p):
		return refuse("it is not UTF-8")
	case strings.ContainsFunc(p, func(c rune) bool { return c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 }):
		return refuse("it holds control characters")
	case strings.ContainsAny(p, `\:*?"<>|`):
		return refuse("it holds one of the characters \\ : * ? \" < > |, which some system has a meaning for")
	case strings.HasPrefix(p, "/"):
		return refuse("it must be relative")
	case strings.HasPrefix(p, "~"), strings.HasPrefix(p, "-"):
		return refuse("it begins with a character that programs have a meaning for")
	}
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "..":
			return refuse("it must not lead upwards")
		case len(part) > maxPart:
			return refuse("a part of it is longer than 255 bytes")
		case part != "." && strings.TrimRight(part, " .") != part:
			return refuse("a part of it ends with a dot or a space, which some system drops")
		}
	}
	if p == "" {
		return ".", nil
	}
	clean := path.Clean(p)
	if !filepath.IsLocal(filepath.FromSlash(clean)) || reserved(clean) {
		return refuse("it has a name that some system reserves")
	}
	return clean, nil
}

// devices are the names that Windows keeps to devices, with any ending.
var devices = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true}

// reserved reports whether a part of the path is a device of Windows, or git's own folder.
func reserved(p string) bool {
	for part := range strings.SplitSeq(strings.ToLower(p), "/") {
		name, _, _ := strings.Cut(part, ".")
		name = strings.TrimRight(name, " ")
		port := len(name) == 4 && (name[:3] == "com" || name[:3] == "lpt") && name[3] >= '0' && name[3] <= '9'
		if devices[name] || port || part == ".git" || part == "git~1" {
			return true
		}
	}
	return false
}

// checkRef refuses what is no plain name of a branch, tag or commit (git-check-ref-format(1)).
func checkRef(ref string) error {
	refuse := func(why string) error {
		return failf(CodeRef, "", "ref %.200q is refused: %s", ref, why)
	}
	switch {
	case ref == "":
		return nil
	case len(ref) > 200:
		return refuse("it is longer than 200 bytes")
	case strings.ContainsFunc(ref, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._/+@-", c)
	}):
		return refuse("only letters, digits and . _ / + @ - may be in it")
	case strings.HasPrefix(ref, "-"), strings.HasPrefix(ref, "/"), strings.HasPrefix(ref, "."), ref == "@":
		return refuse("it begins with a character that git has a meaning for")
	case strings.HasSuffix(ref, "/"), strings.HasSuffix(ref, "."), strings.HasSuffix(ref, ".lock"):
		return refuse("it ends as no ref does")
	case strings.Contains(ref, ".."), strings.Contains(ref, "//"), strings.Contains(ref, "/."), strings.Contains(ref, "@{"),
		strings.Contains(ref, ".lock/"):
		return refuse("it holds something that git has a meaning for")
	}
	return nil
}

package nodepkg

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A registry is an npm registry with small packages.
type registry struct {
	*httptest.Server
	mu       sync.Mutex
	packages map[string][]byte // tarballs, by name
	manifest map[string]map[string]any
	requests atomic.Int64
	hold     chan struct{} // while it is not nil, tarballs wait for its end
}

func newRegistry(t testing.TB) *registry {
	t.Helper()
	r := &registry{packages: map[string][]byte{}, manifest: map[string]map[string]any{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// add publishes version 1.0.0 of a package.
func (r *registry) add(t testing.TB, name string, manifest map[string]any, files map[string]string) {
	t.Helper()
	m := map[string]any{"name": name, "version": "1.0.0"}
	for k, v := range manifest {
		m[k] = v
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	put := func(name, text string) {
		if err := w.WriteHeader(&tar.Header{Name: "package/" + name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	put("package.json", string(text))
	for name, text := range files {
		put(name, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.packages[name], r.manifest[name] = b.Bytes(), m
}

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.requests.Add(1)
	r.mu.Lock()
	hold := r.hold
	name, isTar := strings.CutSuffix(strings.TrimPrefix(req.URL.Path, "/"), "/-.tgz")
	tarball, m := r.packages[name], r.manifest[name]
	r.mu.Unlock()
	switch {
	case m == nil:
		http.Error(w, `{"error":"Not found"}`, http.StatusNotFound)
	case isTar:
		if hold != nil {
			select {
			case <-hold:
			case <-req.Context().Done():
				return
			}
		}
		w.Write(tarball)
	default:
		version := map[string]any{}
		for k, v := range m {
			version[k] = v
		}
		if scripts, ok := m["scripts"].(map[string]string); ok && scripts["postinstall"] != "" {
			version["hasInstallScript"] = true
		}
		sum1, sum512 := sha1.Sum(tarball), sha512.Sum512(tarball)
		version["dist"] = map[string]any{
			"tarball": r.URL + "/" + name + "/-.tgz", "shasum": hex.EncodeToString(sum1[:]),
			"integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum512[:]),
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"name": name, "dist-tags": map[string]any{"latest": "1.0.0"}, "versions": map[string]any{"1.0.0": version},
		})
	}
}

package lookup

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// metadataService answers as those of AWS and of OpenStack do.
func metadataService(w http.ResponseWriter, r *http.Request) {
	const token = "AQAEAL-token"
	switch {
	case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" && r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds") != "":
		fmt.Fprint(w, token)
	case strings.HasPrefix(r.URL.Path, "/latest/meta-data/") && r.Header.Get("X-aws-ec2-metadata-token") != token:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/latest/meta-data/tags/instance/supercluster-tracker":
		fmt.Fprint(w, "10.0.0.5 10.0.0.6:4000")
	case r.URL.Path == "/openstack/latest/meta_data.json":
		fmt.Fprint(w, `{"uuid": "d8e02d56", "name": "worker-1", "meta": {"role": "worker", "supercluster_tracker": "10.0.0.7, 10.0.0.8"},`+
			` "availability_zone": "DFW", "launch_index": 0}`)
	default:
		http.NotFound(w, r)
	}
}

// example is an exec: source that runs a script of examples/clouds.
func example(t *testing.T, script string) string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip(err)
	}
	path, err := filepath.Abs(filepath.Join("..", "..", "examples", "clouds", script))
	if err != nil {
		t.Fatal(err)
	}
	return "exec:" + path
}

func TestCloudExamples(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(metadataService))
	defer srv.Close()
	t.Setenv("SC_METADATA", srv.URL)
	t.Setenv("SC_CONFIG_DRIVE", t.TempDir())
	t.Setenv("no_proxy", "127.0.0.1")
	for script, want := range map[string]string{
		"aws.sh":       "[10.0.0.5:44201 10.0.0.6:4000]",
		"rackspace.sh": "[10.0.0.7:44201 10.0.0.8:44201]",
	} {
		if got := ask(t, example(t, script), Config{}); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}

// Without the tag, the metadata or the service, the error says which.
func TestCloudExamplesWithoutAnAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(metadataService))
	defer srv.Close()
	drive := t.TempDir()
	t.Setenv("SC_METADATA", srv.URL)
	t.Setenv("SC_CONFIG_DRIVE", drive)
	t.Setenv("no_proxy", "127.0.0.1")
	t.Setenv("SC_TAG", "none")
	if got := ask(t, example(t, "aws.sh"), Config{}); !strings.Contains(got, "404") {
		t.Errorf("aws.sh: %s, want that there is no such tag", got)
	}
	file := filepath.Join(drive, "openstack", "latest", "meta_data.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"meta": {}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, example(t, "rackspace.sh"), Config{}); got != "the command ended with code 1: the server's metadata has no supercluster_tracker" {
		t.Errorf("rackspace.sh: %s", got)
	}
	srv.Close()
	if got := ask(t, example(t, "aws.sh"), Config{}); !strings.Contains(got, "curl: ") {
		t.Errorf("aws.sh without a service: %s", got)
	}
}

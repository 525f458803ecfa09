package jsapi

import (
	"maps"
	"runtime"
	"testing"

	"supercluster/net/cluster"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]float64{
		"1kB": 1 << 10, "512MB": 512 << 20, "512MiB": 512 << 20, "1.5G": 1.5 * (1 << 30), "2 TB": 2 << 40, "7B": 7,
	} {
		if got, ok := parseSize(text); !ok || got != want {
			t.Errorf("%q gives %v, %v; want %v", text, got, ok, want)
		}
	}
	// A number without a unit is given as one.
	for _, text := range []string{"1", "", "MB", "1MBB", "1 apple", "-"} {
		if got, ok := parseSize(text); ok {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
}

func TestWorkerResources(t *testing.T) {
	r := workerResources(cluster.Resources{"gpu": 2})
	if r["gpu"] != 2 || r["cpu"] != float64(runtime.NumCPU()) {
		t.Errorf("a worker has %v", r)
	}
	if r = workerResources(cluster.Resources{"cpu": 1}); r["cpu"] != 1 {
		t.Errorf("a worker that was given one cpu has %v", r)
	}
}

func TestBlobTable(t *testing.T) {
	var table blobTable
	data := make([]byte, 100)
	first, err := table.keep(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := table.keep(make([]byte, 100))
	if err != nil || again != first {
		t.Errorf("equal values are kept as %p and %p, %v", first, again, err)
	}
	runtime.KeepAlive(first)
	for i := range 1000 {
		if _, err := table.keep([]byte{byte(i), byte(i >> 8)}); err != nil {
			t.Fatal(err)
		}
		if i%100 == 0 {
			runtime.GC()
		}
	}
	if n := len(table.byHash); n > 500 {
		t.Errorf("%d values are known, of which none is in use", n)
	}
}

func TestParseResources(t *testing.T) {
	for text, want := range map[string]cluster.Resources{
		"gpu=1":                 {"gpu": 1},
		"gpu=0.5, memory = 4GB": {"gpu": 0.5, "memory": 4 << 30},
		"cpu=0":                 {"cpu": 0},
	} {
		if got, err := ParseResources(text); err != nil || !maps.Equal(got, want) {
			t.Errorf("ParseResources(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"gpu":        `"gpu" is not of the form name=amount`,
		"=1":         `"=1" is not of the form name=amount`,
		"gpu=1,":     `"" is not of the form name=amount`,
		"gpu=-1":     `gpu: "-1" is neither a number from 0 nor a size such as 512MB`,
		"memory=4XB": `memory: "4XB" is neither a number from 0 nor a size such as 512MB`,
		"gpu=inf":    `gpu: "inf" is neither a number from 0 nor a size such as 512MB`,
	} {
		if _, err := ParseResources(text); err == nil || err.Error() != want {
			t.Errorf("ParseResources(%q): %v, want %s", text, err, want)
		}
	}
}

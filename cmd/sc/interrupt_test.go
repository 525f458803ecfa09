package main

import (
	"testing"
	"time"

	"supercluster/jsapi"
)

func TestFunctionLine(t *testing.T) {
	began := time.Unix(100, 0)
	f := jsapi.FunctionProgress{Name: "resize", Asked: 100, Running: 4, Done: 50, Failed: 2, Began: began}
	want := "resize           [########········] 50/100 done, 4 running, 2 failed, 5.0/s, ETA 10s"
	if got := functionLine(f, began.Add(10*time.Second), false); got != want {
		t.Errorf("functionLine(%+v) = %q, want %q", f, got, want)
	}
}

package cluster

import "testing"

func TestTaskRuns(t *testing.T) {
	mesh := runMesh(t, MeshConfig{})
	m := newTestMaster(t)
	join(t, mesh, m, newTestWorker(t, 1, echo))
	o := run(t, m, Spec{Code: []byte("f"), Args: []byte("a")})
	if string(o.Value) != "a" || o.Err != nil {
		t.Errorf("outcome %q, %q, want the arguments", o.Value, o.Err)
	}
}

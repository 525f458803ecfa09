package cluster

import (
	"crypto/sha256"
	"slices"
	"time"

	"supercluster/net/wire"
)

// maxBlobBytes is how much a worker keeps of large values unless it is told otherwise.
const maxBlobBytes = 512 << 20

// Blob is a large encoded value, which travels once to each worker that runs tasks with it, and is named by its hash.
type Blob struct {
	Hash [32]byte
	Data []byte
}

// NewBlob returns the Blob of data, which must not be changed afterwards. Data over 256 MiB less 64 KiB is an error with
// the code ERR_TOO_LARGE.
func NewBlob(data []byte) (*Blob, error) {
	b := &Blob{Hash: sha256.Sum256(data), Data: data}
	if n := size(&wire.Blob{Data: data}); n > maxMessage {
		return nil, tooLarge("the value", n)
	}
	return b, nil
}

// blobStore is what a master holds for its workers to ask for: the blobs of tasks that are not done.
type blobStore map[[32]byte]*heldBlob

type heldBlob struct {
	*Blob
	tasks int
}

func (s blobStore) hold(blobs []*Blob) {
	for _, b := range blobs {
		h := s[b.Hash]
		if h == nil {
			h = &heldBlob{Blob: b}
			s[b.Hash] = h
		}
		h.tasks++
	}
}

func (s blobStore) drop(blobs []*Blob) {
	for _, b := range blobs {
		if h := s[b.Hash]; h != nil {
			if h.tasks--; h.tasks == 0 {
				delete(s, b.Hash)
			}
		}
	}
}

// message answers a worker that asks; without data if the blob is held no more.
func (s blobStore) message(hash [32]byte) *wire.Blob {
	m := &wire.Blob{Hash: hash}
	if h := s[hash]; h != nil {
		m.Data = h.Data
	}
	return m
}

// findBlobs takes the large values that a job refers to from the cache, and reports whether all are there. It asks for
// those that are not, once for all jobs of the master.
func (in *intake) findBlobs(j *job) bool {
	found := make([][]byte, len(j.task.Blobs))
	missing := false
	for i, hash := range j.task.Blobs {
		data, ok := in.blobs.get(hash)
		found[i] = data
		if ok {
			continue
		}
		missing = true
		if !j.owner.asked[hash] {
			if j.owner.asked == nil {
				j.owner.asked = make(map[[32]byte]bool)
			}
			j.owner.asked[hash] = true
			in.send(j.owner.s, &wire.NeedBlob{Hash: hash})
		}
	}
	if missing {
		return false
	}
	j.blobs = found
	return true
}

// blob takes a large value that was asked for, for all jobs that wait for it. If the master does not have it any more,
// its jobs that do cannot run.
func (in *intake) blob(x *session, m *wire.Blob, now time.Time) {
	o := in.owners[x]
	if o == nil || !o.asked[m.Hash] {
		return
	}
	delete(o.asked, m.Hash)
	if len(m.Data) > 0 && sha256.Sum256(m.Data) == m.Hash {
		in.blobs.put(m.Hash, m.Data)
		for _, o := range in.inOrder() {
			for _, j := range o.sorted() {
				in.complete(j, now)
			}
		}
		return
	}
	for _, j := range o.sorted() {
		if j.state == jobWants && slices.Contains(j.task.Blobs, m.Hash) {
			in.remove(j)
			in.refuse(x, j.key, CodeBlobLost, "its master does not have a value any more that the task refers to")
		}
	}
}

// complete admits a job that waited, if all is there now.
func (in *intake) complete(j *job, now time.Time) {
	if j.state == jobWants && in.findCode(j) && in.findBlobs(j) {
		in.admit(j, now)
	}
}

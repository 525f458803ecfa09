package loader

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	cacheVersion = "4 esbuild 0.28.2" // part of every key: to be changed with the output of lower
	cacheSuffix  = ".lowered"
	maxCache     = 256 << 20 // bytes in the folder; the entries used longest ago go first
	cacheMin     = 200       // bytes; shorter texts are not worth a file
	pruneEvery   = 16        // writes, on average
)

// lowerCached is lower with the cache in CacheDir. Whatever goes wrong with the cache, lower decides.
func (l *Loader) lowerCached(text string, d dialect) (*lowered, []api.Message) {
	if l.cfg.CacheDir == "" || len(text) < cacheMin {
		return lower(text, d)
	}
	file := filepath.Join(l.cfg.CacheDir, cacheKey(text, d)+cacheSuffix)
	if low := readCache(file); low != nil {
		return low, nil
	}
	low, msgs := lower(text, d)
	if msgs == nil {
		l.writeCache(file, low)
	}
	return low, msgs
}

func cacheKey(text string, d dialect) string {
	h := sha256.New()
	for _, part := range []string{cacheVersion, strconv.Itoa(int(d.loader)), strconv.FormatBool(d.esm), d.tsconfig, text} {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readCache returns what file holds: the SHA-256 of the rest, then JSON. nil if it is not there or damaged.
func readCache(file string) *lowered {
	data, err := os.ReadFile(file)
	if err != nil || len(data) < sha256.Size {
		return nil
	}
	sum := sha256.Sum256(data[sha256.Size:])
	if !bytes.Equal(sum[:], data[:sha256.Size]) {
		return nil
	}
	low := new(lowered)
	if json.Unmarshal(data[sha256.Size:], low) != nil {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(file, now, now) // only makes it younger for prune
	return low
}

// writeCache puts low into file by way of another name, so that no other process reads half of it.
func (l *Loader) writeCache(file string, low *lowered) {
	body, err := json.Marshal(low)
	if err != nil || os.MkdirAll(l.cfg.CacheDir, 0o700) != nil {
		return
	}
	sum := sha256.Sum256(body)
	tmp, err := os.CreateTemp(l.cfg.CacheDir, "new-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(append(sum[:], body...))
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return
	}
	if sum[0]%pruneEvery == 0 {
		prune(l.cfg.CacheDir, maxCache)
	}
}

// prune removes entries of dir, those not used for longest first, until the others take no more than limit bytes;
// and what writers that were killed have left.
func prune(dir string, limit int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var files []os.FileInfo
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasSuffix(e.Name(), cacheSuffix):
			files = append(files, info)
			total += info.Size()
		case strings.HasPrefix(e.Name(), "new-") && time.Since(info.ModTime()) > time.Hour:
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	sort.Slice(files, func(i, j int) bool { return files[i].ModTime().Before(files[j].ModTime()) })
	for _, f := range files {
		if total <= limit {
			return
		}
		if os.Remove(filepath.Join(dir, f.Name())) == nil {
			total -= f.Size()
		}
	}
}

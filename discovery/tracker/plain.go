package tracker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// oddAnswer says that what answers is no tracker, and how it shows.
type oddAnswer struct {
	status int
	text   string
}

func (e *oddAnswer) Error() string { return ErrNotTracker.Error() + ": " + e.text }

// Unwrap returns ErrNotTracker.
func (e *oddAnswer) Unwrap() error { return ErrNotTracker }

// unknown reports whether an error says that there is nothing at the path that was asked for.
func unknown(err error) bool {
	odd := (*oddAnswer)(nil)
	if !errors.As(err, &odd) {
		return false
	}
	switch odd.status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// turn decides after an error whether to ask in the other form, and reports that. A tracker that was written after the
// founding document alone knows no /announce; one that has been replaced by another program may.
func (r *remoteTracker) turn(err error) bool {
	if !unknown(err) {
		return false
	}
	r.plain = !r.plain
	r.since = ""
	return r.plain
}

// askPlain announces each local node by POST /hostsAvailable, as the founding document says, and returns the list that
// is answered. A tracker that takes no POST is only asked.
func (r *remoteTracker) askPlain(ctx context.Context, hosts []host) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var a answer
	posted := false
	for _, h := range hosts {
		body, err := encode(h)
		if err != nil {
			return answer{}, err
		}
		if a, err = r.plainList(ctx, http.MethodPost, body); unknown(err) {
			break
		}
		if err != nil {
			return answer{}, err
		}
		posted = true
	}
	if posted {
		return a, nil
	}
	return r.plainList(ctx, http.MethodGet, nil)
}

// plainList makes one request of the plain form.
func (r *remoteTracker) plainList(ctx context.Context, method string, body []byte) (answer, error) {
	res, err := r.call(ctx, method, "/hostsAvailable", body)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	status := res.StatusCode
	if status == http.StatusCreated || status == http.StatusAccepted {
		status = http.StatusOK // fitting answers to a POST, too
	}
	return decodePlain(status, res.Header.Get("Content-Type"), io.LimitReader(res.Body, maxAnswer+1))
}

// decodePlain reads {"masters": […], "workers": […]}; what else is in it does not matter.
func decodePlain(status int, contentType string, r io.Reader) (answer, error) {
	body, err := readAnswer(status, contentType, r)
	if err != nil {
		return answer{}, err
	}
	var l struct {
		Masters, Workers *[]host
	}
	if err := json.Unmarshal(body, &l); err != nil {
		return answer{}, fmt.Errorf("%w: its answer is not as it should be: %w", ErrNotTracker, err)
	}
	if l.Masters == nil || l.Workers == nil {
		return answer{}, fmt.Errorf("%w: its JSON is no list of nodes", ErrNotTracker)
	}
	return answer{Epoch: "plain", Full: true, lists: lists{Masters: *l.Masters, Workers: *l.Workers}}, nil
}

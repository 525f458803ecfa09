package jsapi

import (
	"errors"

	"github.com/dop251/goja"

	"supercluster/net/trust"
)

func (s *Script) openTracker(*trust.Identity, nodeConf, hooks) (*goja.Object, error) {
	return nil, errors.New("to come with discovery/tracker")
}

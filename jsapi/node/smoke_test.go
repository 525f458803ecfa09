package node

import "testing"

func TestSmoke(t *testing.T) {
	r := run(t, `console.log('hi %s', 'x', {a:1,b:[1,2,{c:3}]}); console.error(new Map([[1,2]])); console.log(process.argv, process.version, typeof require('util').inspect);`, "")
	t.Logf("%+v", r)
}

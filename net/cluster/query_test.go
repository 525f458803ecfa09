package cluster

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestQuery(t *testing.T) {
	const host = `{"os":"linux","cpus":8,"tags":["fast","ssd"]}`
	for _, tt := range []struct {
		query, data string
		want        bool
	}{
		{`{}`, `{}`, true},
		{`{}`, `null`, true},
		{`{"a":1}`, `{"a":1}`, true},
		{`{"a":1}`, `{"a":1.0}`, true},
		{`{"a":1}`, `{"a":"1"}`, false},
		{`{"a":1}`, `{"a":[2,1]}`, true},
		{`{"a":[1,2]}`, `{"a":[1,2]}`, true},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{`{"a":[1]}`, `{"a":[[1],2]}`, true},
		{`{"a":{"x":1,"y":2}}`, `{"a":{"y":2,"x":1}}`, true},
		{`{"a":{"x":1}}`, `{"a":{"x":1,"y":2}}`, false},
		{`{"a":null}`, `{}`, true},
		{`{"a":null}`, `{"a":null}`, true},
		{`{"a":null}`, `{"a":0}`, false},
		{`{"a":1,"b":2}`, `{"a":1,"b":3}`, false},
		{`{"a.b":1}`, `{"a":{"b":1}}`, true},
		{`{"a.b":1}`, `{"a":[{"b":2},{"b":1}]}`, true},
		{`{"a.b":1}`, `{"a":[[{"b":1}]]}`, false},
		{`{"a.1":5}`, `{"a":[4,5]}`, true},
		{`{"a.1":5}`, `{"a":[5,4]}`, false},
		{`{"a.1.b":5}`, `{"a":[0,{"b":5}]}`, true},
		{`{"a.0":5}`, `{"a":{"0":5}}`, true},
		{`{"a.b":null}`, `{"a":5}`, true},
		{`{"a.b":null}`, `{"a":[]}`, false},
		{`{"a.9":null}`, `{"a":[1]}`, false},

		{`{"a":{"$eq":1}}`, `{"a":1}`, true},
		{`{"a":{"$eq":{"$x":1}}}`, `{"a":{"$x":1}}`, true},
		{`{"a":{"$ne":1}}`, `{"a":[1,2]}`, false},
		{`{"a":{"$ne":1}}`, `{}`, true},
		{`{"a":{"$gt":1}}`, `{"a":2}`, true},
		{`{"a":{"$gt":1}}`, `{"a":"2"}`, false},
		{`{"a":{"$gt":1}}`, `{}`, false},
		{`{"a":{"$gte":2,"$lte":2}}`, `{"a":2}`, true},
		{`{"a":{"$gt":1,"$lt":3}}`, `{"a":[0,5]}`, true},
		{`{"a":{"$lt":"b"}}`, `{"a":"a"}`, true},
		{`{"a":{"$gt":false}}`, `{"a":true}`, true},
		{`{"a":{"$gte":null}}`, `{}`, true},
		{`{"a":{"$gt":null}}`, `{"a":null}`, false},
		{`{"a":{"$in":[1,"x"]}}`, `{"a":"x"}`, true},
		{`{"a":{"$in":[]}}`, `{"a":1}`, false},
		{`{"a":{"$in":[null]}}`, `{}`, true},
		{`{"a":{"$in":[[1,2]]}}`, `{"a":[1,2]}`, true},
		{`{"a":{"$in":[{"$regex":"^x"}]}}`, `{"a":"xy"}`, true},
		{`{"a":{"$nin":[1,2]}}`, `{"a":[3,2]}`, false},
		{`{"a":{"$nin":[1,2]}}`, `{}`, true},
		{`{"a":{"$exists":true}}`, `{"a":null}`, true},
		{`{"a":{"$exists":true}}`, `{}`, false},
		{`{"a":{"$exists":false}}`, `{}`, true},
		{`{"a.b":{"$exists":true}}`, `{"a":[{},{"b":1}]}`, true},
		{`{"a":{"$type":"string"}}`, `{"a":"x"}`, true},
		{`{"a":{"$type":"number"}}`, `{"a":[1]}`, true},
		{`{"a":{"$type":"array"}}`, `{"a":[1]}`, true},
		{`{"a":{"$type":"int"}}`, `{"a":1.5}`, false},
		{`{"a":{"$type":["double","long"]}}`, `{"a":1.5}`, true},
		{`{"a":{"$type":"long"}}`, `{"a":3000000000}`, true},
		{`{"a":{"$type":"null"}}`, `{}`, false},
		{`{"a":{"$type":10}}`, `{"a":null}`, true},
		{`{"a":{"$type":"object"}}`, `{"a":{}}`, true},
		{`{"a":{"$type":8}}`, `{"a":true}`, true},
		{`{"a":{"$mod":[4,1]}}`, `{"a":9}`, true},
		{`{"a":{"$mod":[4,1]}}`, `{"a":"9"}`, false},
		{`{"a":{"$mod":[4,-1]}}`, `{"a":-5}`, true},
		{`{"a":{"$regex":"^x.z$"}}`, `{"a":"xyz"}`, true},
		{`{"a":{"$regex":"^X","$options":"i"}}`, `{"a":["a","xb"]}`, true},
		{`{"a":{"$regex":"^b$","$options":"m"}}`, `{"a":"a\nb"}`, true},
		{`{"a":{"$regex":"a.b","$options":"su"}}`, `{"a":"a\nb"}`, true},
		{`{"a":{"$regex":"1"}}`, `{"a":1}`, false},
		{`{"a":{"$size":2}}`, `{"a":[1,2]}`, true},
		{`{"a":{"$size":2}}`, `{"a":[[1,2]]}`, false},
		{`{"a":{"$size":0}}`, `{}`, false},
		{`{"a":{"$all":[1,2]}}`, `{"a":[2,3,1]}`, true},
		{`{"a":{"$all":[1,2]}}`, `{"a":[2]}`, false},
		{`{"a":{"$all":[1]}}`, `{"a":1}`, true},
		{`{"a":{"$all":[]}}`, `{"a":[1]}`, false},
		{`{"a":{"$all":[{"$elemMatch":{"b":1}},{"$elemMatch":{"b":2}}]}}`, `{"a":[{"b":1},{"b":2}]}`, true},
		{`{"a":{"$elemMatch":{"$gt":1,"$lt":3}}}`, `{"a":[0,5]}`, false},
		{`{"a":{"$elemMatch":{"$gt":1,"$lt":3}}}`, `{"a":[0,2]}`, true},
		{`{"a":{"$elemMatch":{"b":1,"c":2}}}`, `{"a":[{"b":1},{"c":2}]}`, false},
		{`{"a":{"$elemMatch":{"b":1,"c":2}}}`, `{"a":[{"b":1,"c":2}]}`, true},
		{`{"a":{"$elemMatch":{"$or":[{"b":1},{"c":2}]}}}`, `{"a":[{"c":2}]}`, true},
		{`{"a":{"$elemMatch":{"b":1}}}`, `{"a":{"b":1}}`, false},
		{`{"a":{"$not":{"$gt":1}}}`, `{"a":0}`, true},
		{`{"a":{"$not":{"$gt":1}}}`, `{}`, true},
		{`{"a":{"$not":{"$gt":1}}}`, `{"a":[0,2]}`, false},
		{`{"a":{"$not":{"$regex":"^x"}}}`, `{"a":"xa"}`, false},
		{`{"$and":[{"a":1},{"b":2}]}`, `{"a":1,"b":2}`, true},
		{`{"$or":[{"a":1},{"b":2}]}`, `{"b":2}`, true},
		{`{"$nor":[{"a":1},{"b":2}]}`, `{"a":2}`, true},
		{`{"$nor":[{"a":1},{"b":2}]}`, `{"b":2}`, false},
		{`{"c":3,"$or":[{"a":1},{"b":2}]}`, `{"b":2,"c":4}`, false},

		{`{"$.cpus":{"$gt":2}}`, `{}`, true},
		{`{"$.cpus":{"$gt":2},"mem":{"$gte":8}}`, `{"mem":4}`, false},
		{`{"$.tags":"ssd"}`, `{}`, true},
		{`{"$.none":{"$exists":false}}`, `{"none":1}`, true},
		{`{"$or":[{"$.os":"darwin"},{"a":1}]}`, `{"a":1}`, true},
	} {
		q, err := ParseQuery([]byte(tt.query))
		if err != nil {
			t.Errorf("ParseQuery(%s): %v", tt.query, err)
			continue
		}
		if got := q.Match(json.RawMessage(tt.data), json.RawMessage(host)); got != tt.want {
			t.Errorf("%s for %s is %v, want %v", tt.query, tt.data, got, tt.want)
		}
	}
}

func TestBadQueries(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{`{"a":{"$gtt":1}}`, `query: a: unknown operator "$gtt"; did you mean "$gt"?`},
		{`{"$andd":[]}`, `query: unknown operator "$andd"; did you mean "$and"?`},
		{`{"a":{"$whatever":1}}`, `query: a: unknown operator "$whatever"`},
		{`{"$gt":1}`, `query: $gt stands below the name of a field, as {field: {$gt: …}}`},
		{`{"a":{"$or":[]}}`, `query: a: $or stands beside the names of fields, not below one`},
		{`{"$or":[]}`, `query: $or: want an array of queries, have an empty array`},
		{`{"$or":[{"a":1},2]}`, `query: $or[1]: want a query, have a number`},
		{`{"$or":[{"a":{"$x":1}}]}`, `query: $or[0]: a: unknown operator "$x"`},
		{`{"a":{"$in":1}}`, `query: a: $in: want an array, have a number`},
		{`{"a":{"$in":[{"$gt":1}]}}`, `query: a: $in[0]: of the operators only $regex may stand in a list`},
		{`{"a":{"$gt":[1]}}`, `query: a: $gt: want a number, string, boolean or null, have an array`},
		{`{"a":{"$gt":1,"b":2}}`, `query: a: operators and the field "b" in one object`},
		{`{"a":{"$size":-1}}`, `query: a: $size: want a whole number, have a number`},
		{`{"a":{"$size":"1"}}`, `query: a: $size: want a whole number, have a string`},
		{`{"a":{"$mod":[0,1]}}`, `query: a: $mod: want two numbers, the first not zero`},
		{`{"a":{"$mod":[1]}}`, `query: a: $mod: want [divisor, remainder], have an array`},
		{`{"a":{"$all":1}}`, `query: a: $all: want an array, have a number`},
		{`{"a":{"$elemMatch":1}}`, `query: a: $elemMatch: want an object, have a number`},
		{`{"a":{"$elemMatch":{"$and":[1]}}}`, `query: a: $elemMatch: $and[0]: want a query, have a number`},
		{`{"a":{"$not":1}}`, `query: a: $not: want an object of operators, have a number`},
		{`{"a":{"$regex":1}}`, `query: a: $regex: want a string, have a number`},
		{`{"a":{"$regex":"x","$options":"q"}}`, `query: a: $options: unknown option "q"; known are i, m, s, u and g`},
		{`{"a":{"$regex":"x","$options":1}}`, `query: a: $options: want a string, have a number`},
		{`{"a":{"$options":"i"}}`, `query: a: $options without $regex`},
		{`{"a":{"$type":"strin"}}`, `query: a: $type: unknown type strin; known are double, string, object, array, bool, null, int, long and number`},
		{`{"a":{"$type":[]}}`, `query: a: $type: want a type, have an empty array`},
		{`[1]`, `query: want an object, have an array`},
	} {
		_, err := ParseQuery([]byte(tt.query))
		if err == nil || err.Error() != tt.want {
			t.Errorf("ParseQuery(%s):\n got %v\nwant %s", tt.query, err, tt.want)
		}
	}
	for _, tt := range []struct{ name, query string }{
		{"no JSON", `{`},
		{"a regular expression that Go does not know", `{"a":{"$regex":"(?=x)"}}`},
		{"a query that is too long", `{"a":"` + strings.Repeat("x", maxQueryBytes) + `"}`},
		{"nested $and", strings.Repeat(`{"$and":[`, 100) + `{}` + strings.Repeat(`]}`, 100)},
		{"nested $not", `{"a":` + strings.Repeat(`{"$not":`, 100) + `{"$gt":1}` + strings.Repeat(`}`, 100) + `}`},
		{"nested $elemMatch", `{"a":` + strings.Repeat(`{"$elemMatch":{"a":`, 100) + `1` + strings.Repeat(`}}`, 100) + `}`},
	} {
		if _, err := ParseQuery([]byte(tt.query)); err == nil {
			t.Errorf("%s: was taken", tt.name)
		}
	}
}

// FuzzQuery looks for a query or a document that panics.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		`{"a.b":{"$gt":1,"$in":[1,{"$regex":"x","$options":"i"}]}}`, `{"$or":[{"a":{"$elemMatch":{"b":1}}},{"$.cpus":null}]}`,
		`{"a":{"$all":[{"$elemMatch":{"$size":1}}],"$not":{"$type":["int",2]}}}`, `{"a":{"$mod":[1e308,-1e308]},"":{"":0}}`,
	} {
		f.Add([]byte(q), []byte(`{"a":[{"b":1},[2],"x"],"":{"":1}}`))
	}
	f.Fuzz(func(t *testing.T, query, data []byte) {
		q, err := ParseQuery(query)
		if err != nil {
			return
		}
		if first, again := q.Match(data, data), q.Match(data, data); first != again {
			t.Errorf("%q for %q is %v, and then %v", query, data, first, again)
		}
	})
}

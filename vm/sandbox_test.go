package vm

import "testing"

// TestCrypto checks digests against those of the standards (FIPS 180-4, RFC 1321, RFC 2202, RFC 4231).
func TestCrypto(t *testing.T) {
	e := NewEngine(EngineConfig{})
	for _, c := range []struct{ source, want string }{
		{"c.createHash('sha256').update('abc').digest('hex')", `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`},
		{"c.createHash('SHA1').update('a').update(Buffer.from('bc')).digest('hex')", `"a9993e364706816aba3e25717850c26c9cd0d89d"`},
		{"c.createHash('md5').update('').digest('base64')", `"1B2M2Y8AsgTpgAmY7PhCfg=="`},
		{"c.hash('sha512', 'abc').slice(0, 16)", `"ddaf35a193617aba"`},
		{"c.createHmac('sha1', Buffer.alloc(20, 0x0b)).update('Hi There').digest('hex')", `"b617318655057264e28bc0b6fb378c8ef146be00"`},
		{"c.createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex').slice(0, 16)", `"5bdcc146bf60754e"`},
		{"const h = c.createHash('md5').update('a'), g = h.copy(); h.update('b'); return [g.digest('hex'), h.digest('hex')]",
			`["0cc175b9c0f1b6a831c399e269772661","187ef4436122d1cc2f40dc2b92f0eba0"]`},
		{"c.createHash('sha256').update(new DataView(new ArrayBuffer(2), 1)).digest()[0]", "110"},
		{"try { c.createHash('whirl') } catch (e) { return e.code + ' ' + e.message.slice(0, 29) }", `"ERR_CRYPTO_INVALID_DIGEST createHash: no digest \"whirl\""`},
		{"const h = c.createHash('md5'); h.digest(); try { h.update('') } catch (e) { return e.code }", `"ERR_CRYPTO_HASH_FINALIZED"`},
		{"try { c.createHash('md5').update(5) } catch (e) { return e.code }", `"ERR_INVALID_ARG_TYPE"`},
		{"const a = c.randomBytes(16), b = c.randomBytes(16); return [a.length, Buffer.isBuffer(a), a.equals(b)]", "[16,true,false]"},
		{"const seen = new Set; for (let i = 0; i < 200; i++) seen.add(c.randomInt(-1, 2)); return [...seen].sort().join()", `"-1,0,1"`},
		{"/^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(c.randomUUID())", "true"},
		{"[c.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), c.timingSafeEqual(Buffer.from('a'), Buffer.from('b'))]", "[true,false]"},
		{"crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc')).then(b => Buffer.from(b).toString('hex', 0, 4))", `"ba7816bf"`},
		{"c.webcrypto === crypto", "true"},
	} {
		fn := "() => { const c = require('node:crypto'); return " + c.source + "\n}"
		if c.source[0] == 't' || c.source[:5] == "const" {
			fn = "() => { const c = require('crypto'); " + c.source + "\n}"
		}
		if got := run(t, e, taskOf(t, fn, ""), nil); got != c.want {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

// TestSeed checks that a seed gives the same numbers in another task, and no seed others.
func TestSeed(t *testing.T) {
	e := NewEngine(EngineConfig{})
	of := func(fn string) string { return run(t, e, taskOf(t, fn, ""), nil) }
	seeded := "() => { task.seed(42); return [Math.random(), Math.random()] }"
	first := of(seeded)
	if again := of(seeded); again != first {
		t.Errorf("seed 42 gave %s, then %s", first, again)
	}
	for _, other := range []string{"() => { task.seed('43'); return [Math.random(), Math.random()] }", "() => [Math.random(), Math.random()]"} {
		if got := of(other); got == first {
			t.Errorf("%s gave the numbers of seed 42", other)
		}
	}
}

// TestLocale checks numbers for people; the wanted texts are Node's.
func TestLocale(t *testing.T) {
	e := NewEngine(EngineConfig{})
	for _, c := range []struct{ source, want string }{
		{"(1234.5).toLocaleString()", `"1,234.5"`},
		{"(1234.5).toLocaleString('de-DE')", `"1.234,5"`},
		{"(1234567.8915).toLocaleString('en-US', { maximumFractionDigits: 2 })", `"1,234,567.89"`},
		{"(5).toLocaleString('en', { minimumFractionDigits: 2 })", `"5.00"`},
		{"(0.256).toLocaleString('en', { style: 'percent' })", `"26%"`},
		{"(-1234).toLocaleString(['fr-FR'])", "\"-1\u202f234\""},
		{"(12345678901234567890n).toLocaleString()", `"12,345,678,901,234,567,890"`},
		{"[NaN, Infinity, -0, 999, 1e21].map(x => x.toLocaleString())", "[\"NaN\",\"∞\",\"-0\",\"999\",\"1,000,000,000,000,000,000,000\"]"},
		{"[1234.5, 2].toLocaleString()", `"1,234.5,2"`},
		{"(1234).toLocaleString('en', { useGrouping: false })", `"1234"`},
		{`(() => {
			const calls = [];
			const traps = new Proxy({}, { get(_, name) { calls.push(name); } });
			const p = new Proxy({ a: 1 }, traps);
			const { format, inspect } = require('util');
			return [inspect(p), inspect([p, { p }]), format(p), inspect(p, { showProxy: true }).length > 10, calls];
		})()`, `["{ a: 1 }","[ { a: 1 }, { p: { a: 1 } } ]","{ a: 1 }",true,[]]`},
		{"new Date(0).toLocaleString('de-DE')", `RangeError [ERR_INTL_UNAVAILABLE]: the locale "de-DE" for dates is not available in this engine: run the function with engine: 'node'`},
	} {
		if got := run(t, e, taskOf(t, "() => "+c.source, ""), nil); got != c.want {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

package secure

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"

	"supercluster/jsapi/node/crypto"
)

// Name is one part of a subject: {"CN", "agent1"}.
type Name struct{ Key, Value string }

// Facts are what getPeerCertificate tells of a certificate.
type Facts struct {
	Subject, Issuer      []Name
	AltNames             string // "DNS:a.example, IP Address:127.0.0.1"
	InfoAccess           []Name
	CA                   bool
	Modulus, Exponent    string // of RSA, in hexadecimal
	Bits                 int
	PublicKey            []byte // RSA: its SPKI; EC: the point
	Curve, NISTCurve     string // of EC
	From, To             string // "Nov 24 13:00:00 2026 GMT"
	SHA1, SHA256, SHA512 string // fingerprints
	Usages               []string
	Serial               string
	Raw                  []byte
	SelfIssued           bool // issuer and subject are the same
}

// short are the names of the parts of a subject.
var short = map[string]string{
	"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.5": "serialNumber",
	"2.5.4.9": "street", "2.5.4.17": "postalCode", "2.5.4.4": "SN", "2.5.4.42": "GN", "1.2.840.113549.1.9.1": "emailAddress",
	"0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}

func namesOf(raw []byte) (list []Name) {
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &sequence); err != nil {
		return nil // it was parsed once, as a certificate
	}
	for _, set := range sequence {
		for _, part := range set {
			key := part.Type.String()
			if name, ok := short[key]; ok {
				key = name
			}
			list = append(list, Name{key, fmt.Sprint(part.Value)})
		}
	}
	return list
}

// opensslTime is a time as OpenSSL prints it.
const opensslTime = "Jan _2 15:04:05 2006 GMT"

// FactsOf tells what stands in a certificate.
func FactsOf(cert *x509.Certificate) Facts {
	one, two, five := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw), sha512.Sum512(cert.Raw)
	f := Facts{
		Subject: namesOf(cert.RawSubject), Issuer: namesOf(cert.RawIssuer), AltNames: altNames(cert), CA: cert.IsCA,
		From: cert.NotBefore.UTC().Format(opensslTime), To: cert.NotAfter.UTC().Format(opensslTime),
		SHA1: colons(one[:]), SHA256: colons(two[:]), SHA512: colons(five[:]),
		Serial: fmt.Sprintf("%X", cert.SerialNumber), Raw: cert.Raw, SelfIssued: selfSigned(cert),
	}
	if len(f.Serial)%2 == 1 {
		f.Serial = "0" + f.Serial
	}
	for _, url := range cert.OCSPServer {
		f.InfoAccess = append(f.InfoAccess, Name{"OCSP - URI", url})
	}
	for _, url := range cert.IssuingCertificateURL {
		f.InfoAccess = append(f.InfoAccess, Name{"CA Issuers - URI", url})
	}
	for _, usage := range cert.ExtKeyUsage {
		if oid, ok := usages[usage]; ok {
			f.Usages = append(f.Usages, oid)
		}
	}
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		f.Modulus, f.Exponent, f.Bits = fmt.Sprintf("%X", key.N), fmt.Sprintf("0x%x", key.E), key.N.BitLen()
		f.PublicKey = cert.RawSubjectPublicKeyInfo
	case *ecdsa.PublicKey:
		f.Bits = key.Params().BitSize
		f.Curve, f.NISTCurve = crypto.CurveName(key.Curve, false), key.Params().Name
		if point, err := key.ECDH(); err == nil {
			f.PublicKey = point.Bytes()
		}
	}
	return f
}

var usages = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageServerAuth: "1.3.6.1.5.5.7.3.1", x509.ExtKeyUsageClientAuth: "1.3.6.1.5.5.7.3.2",
	x509.ExtKeyUsageCodeSigning: "1.3.6.1.5.5.7.3.3", x509.ExtKeyUsageEmailProtection: "1.3.6.1.5.5.7.3.4",
	x509.ExtKeyUsageTimeStamping: "1.3.6.1.5.5.7.3.8", x509.ExtKeyUsageOCSPSigning: "1.3.6.1.5.5.7.3.9",
}

func altNames(cert *x509.Certificate) string {
	var list []string
	for _, name := range cert.DNSNames {
		if strings.ContainsAny(name, "\",\\ '") {
			name = fmt.Sprintf("%q", name) // so that it cannot pass for two
		}
		list = append(list, "DNS:"+name)
	}
	for _, ip := range cert.IPAddresses {
		list = append(list, "IP Address:"+opensslIP(ip))
	}
	for _, mail := range cert.EmailAddresses {
		list = append(list, "email:"+mail)
	}
	for _, uri := range cert.URIs {
		list = append(list, "URI:"+uri.String())
	}
	return strings.Join(list, ", ")
}

// opensslIP writes all eight parts of an IPv6 address, as OpenSSL does.
func opensslIP(ip []byte) string {
	if len(ip) == 4 {
		return fmt.Sprintf("%d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3])
	}
	var parts []string
	for i := 0; i+1 < len(ip); i += 2 {
		parts = append(parts, fmt.Sprintf("%X", int(ip[i])<<8|int(ip[i+1])))
	}
	return strings.Join(parts, ":")
}

func colons(sum []byte) string {
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

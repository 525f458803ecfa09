package secure

import (
	"bytes"
	"crypto/x509"
	"errors"
	"time"
)

// sentences are OpenSSL's for the codes of its verdicts.
var sentences = map[string]string{
	"DEPTH_ZERO_SELF_SIGNED_CERT": "self-signed certificate", "SELF_SIGNED_CERT_IN_CHAIN": "self-signed certificate in certificate chain",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE": "unable to verify the first certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY": "unable to get local issuer certificate",
	"UNABLE_TO_GET_ISSUER_CERT": "unable to get issuer certificate", "CERT_HAS_EXPIRED": "certificate has expired",
	"CERT_NOT_YET_VALID": "certificate is not yet valid", "INVALID_PURPOSE": "unsuitable certificate purpose", "INVALID_CA": "invalid CA certificate",
	"CERT_SIGNATURE_FAILURE": "certificate signature failure", "PATH_LENGTH_EXCEEDED": "path length constraint exceeded", "CERT_REJECTED": "certificate rejected",
}

// verify judges the chain that the other side showed: nil, or an *Error with OpenSSL's code. Names are not compared:
// that is the script's, by checkServerIdentity. server says that the chain is a server's.
func (c *Context) verify(chain []*x509.Certificate, server bool, now time.Time) error {
	if len(chain) == 0 {
		return &Error{"UNABLE_TO_GET_ISSUER_CERT", sentences["UNABLE_TO_GET_ISSUER_CERT"]}
	}
	usage := x509.ExtKeyUsageClientAuth
	if server {
		usage = x509.ExtKeyUsageServerAuth
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: c.roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err == nil || c.trusts(chain[0], now) {
		return nil
	}
	code := verdict(err, chain, now)
	return &Error{code, sentences[code]}
}

// trusts reports whether cert is itself one of the authorities and within its time: OpenSSL asks no more of it.
func (c *Context) trusts(cert *x509.Certificate, now time.Time) bool {
	for _, root := range c.rootList {
		if root.Equal(cert) && selfSigned(cert) {
			return !now.Before(cert.NotBefore) && !now.After(cert.NotAfter)
		}
	}
	return false
}

func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawIssuer, cert.RawSubject)
}

// verdict names why chain does not hold.
func verdict(err error, chain []*x509.Certificate, now time.Time) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		last := chain[len(chain)-1]
		switch {
		case selfSigned(chain[0]):
			return "DEPTH_ZERO_SELF_SIGNED_CERT"
		case selfSigned(last):
			return "SELF_SIGNED_CERT_IN_CHAIN"
		case len(chain) == 1:
			return "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
		}
		return "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"
	case errors.As(err, &invalid):
		switch invalid.Reason {
		case x509.Expired:
			if invalid.Cert != nil && now.Before(invalid.Cert.NotBefore) {
				return "CERT_NOT_YET_VALID"
			}
			return "CERT_HAS_EXPIRED"
		case x509.IncompatibleUsage:
			return "INVALID_PURPOSE"
		case x509.NotAuthorizedToSign:
			return "INVALID_CA"
		case x509.TooManyIntermediates:
			return "PATH_LENGTH_EXCEEDED"
		}
	}
	return "CERT_REJECTED"
}

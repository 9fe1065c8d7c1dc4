package heroku

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"testing"
	"time"
)

// authority makes a certificate authority that nobody knows, as PEM, and a certificate of it for this machine.
func authority(t testing.TB) (ca []byte, own tls.Certificate) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	sign := func(template, parent *x509.Certificate, of, by *ecdsa.PrivateKey) []byte {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &of.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	caKey, ownKey := key(), key()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "An authority of the test"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := sign(root, root, caKey, caKey)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "A host of the test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	own = tls.Certificate{Certificate: [][]byte{sign(leaf, root, ownKey, caKey)}, PrivateKey: ownKey}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), own
}

// Authorities are the ones that this machine trusts, as PEM: SSL_CERT_FILE puts a file in their place, and the packages
// themselves come from the real hosts.
func Authorities(t testing.TB) string {
	t.Helper()
	for _, name := range []string{os.Getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt"} {
		if text, err := os.ReadFile(name); err == nil {
			return string(text)
		}
	}
	t.Fatal("this machine has no file of the authorities it trusts")
	return ""
}

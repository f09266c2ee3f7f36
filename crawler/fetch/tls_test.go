package fetch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// certified makes a root, and a certificate for name that is valid until end.
func certified(t *testing.T, name string, end time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: end.Add(-100 * 24 * time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: end.Add(-50 * 24 * time.Hour), NotAfter: end, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(rootDER)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: key}, pool
}

// secureServer speaks TLS for news.test, h2 on offer, and gives its port.
func secureServer(t *testing.T, cert tls.Certificate, configure func(*tls.Config)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("<p>over " + r.Proto + " for " + r.Host + "</p>"))
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}}
	if configure != nil {
		configure(server.TLS)
	}
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func secureClient(t *testing.T, server *httptest.Server, roots *x509.CertPool) *Client {
	settings := testSettings(t)
	settings.RootCAs = roots
	settings.Resolve = map[string]string{"news.test": server.Listener.Addr().String(), "other.test": server.Listener.Addr().String()}
	return newTestClient(t, settings)
}

func TestSecureExchangeIsHTTP1AndSaysHow(t *testing.T) {
	cert, roots := certified(t, "news.test", time.Now().Add(time.Hour))
	server := secureServer(t, cert, nil)
	client := secureClient(t, server, roots)
	for i := range 2 {
		ex, err := client.Do(t.Context(), get("https://news.test/"))
		if err != nil {
			t.Fatal(err)
		}
		if body := string(ex.View().Body); body != "<p>over HTTP/1.1 for news.test</p>" {
			t.Error(body)
		}
		if !slices.Equal(ex.Protocols, []string{"http/1.1", "tls/1.3"}) || !strings.HasPrefix(ex.CipherSuite, "TLS_") || ex.CertificateError != "" {
			t.Errorf("%q %q %q", ex.Protocols, ex.CipherSuite, ex.CertificateError)
		}
		if ex.Reused != (i == 1) || !ex.Remote.Addr().IsLoopback() {
			t.Errorf("reused %v, remote %v", ex.Reused, ex.Remote)
		}
		ex.Close()
	}
}

func TestBadCertificatesAreRefusedOrRecorded(t *testing.T) {
	valid, roots := certified(t, "news.test", time.Now().Add(time.Hour))
	expired, expiredRoots := certified(t, "news.test", time.Now().Add(-time.Hour))
	for _, c := range []struct {
		name, url, want string
		cert            tls.Certificate
		roots           *x509.CertPool
	}{
		{"expired", "https://news.test/", "expired", expired, expiredRoots},
		{"for another name", "https://other.test/", "not other.test", valid, roots},
		{"of an unknown authority", "https://news.test/", "unknown authority", valid, x509.NewCertPool()},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := secureServer(t, c.cert, nil)
			client := secureClient(t, server, c.roots)
			request := get(c.url)
			_, err := client.Do(t.Context(), request)
			var e *Error
			if !errors.As(err, &e) || e.Reason != ReasonTLS || !e.Permanent() {
				t.Errorf("strict: %v", err)
			}
			request.Certificates = CertificatesRecord
			ex, err := client.Do(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(ex.CertificateError, c.want) || ex.Status != 200 {
				t.Errorf("recorded %q, status %d", ex.CertificateError, ex.Status)
			}
			ex.Close()
			// What was dialled to be recorded is not lent to a strict request.
			request.Certificates = CertificatesStrict
			if _, err := client.Do(t.Context(), request); err == nil {
				t.Error("strict request served on a recording connection")
			}
		})
	}
}

func TestOldServersAreStillReached(t *testing.T) {
	cert, roots := certified(t, "news.test", time.Now().Add(time.Hour))
	twelve := secureServer(t, cert, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 })
	client := secureClient(t, twelve, roots)
	ex, err := client.Do(t.Context(), get("https://news.test/"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(ex.Protocols, "tls/1.2") {
		t.Errorf("%q", ex.Protocols)
	}
	ex.Close()
}

func TestPlainAnswerToTLSIsATLSError(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	_, err := client.Do(t.Context(), get("https://"+server.Listener.Addr().String()+"/"))
	var e *Error
	if !errors.As(err, &e) || e.Reason != ReasonTLS || e.Permanent() {
		t.Errorf("%v", err)
	}
}

package remote

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"newsreel/internal/peers"
)

// authority signs certificates for the loopback.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	// CA is the file of its certificate.
	CA string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.CA, _, a.cert, a.key = a.make(t, "authority", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign makes a certificate that serves both ends, and returns its files.
func (a *authority) sign(t *testing.T, name string) (cert, key string) {
	t.Helper()
	cert, key, _, _ = a.make(t, name, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}})
	return cert, key
}

func (a *authority) make(t *testing.T, name string, c *x509.Certificate) (certFile, keyFile string, _ *x509.Certificate, _ *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return a.file(t, name+".pem", "CERTIFICATE", der), a.file(t, name+".key", "PRIVATE KEY", pkcs8), cert, key
}

func (a *authority) file(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// both asks for certificates of its clients, too.
func (a *authority) both(t *testing.T, name string) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(a.sign(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: a.pool(), ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
}

// startNATS starts a server with JetStream, and returns its address.
func startNATS(t *testing.T, o *server.Options) string {
	t.Helper()
	o.Host, o.Port, o.JetStream, o.StoreDir, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, t.TempDir(), true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	return s.Addr().String()
}

// startTLS stands before an S3 server that has none, and returns the URL.
func startTLS(t *testing.T, endpoint string, cfg *tls.Config) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // the signature covers it
	}})
	s.TLS, s.Config.ErrorLog = cfg, log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// operator makes a NATS server's settings with accounts signed by an operator,
// and the credentials file of a user of one that may use JetStream.
func operator(t *testing.T) (o *server.Options, creds string) {
	t.Helper()
	pair := func(make func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		kp, err := make()
		if err != nil {
			t.Fatal(err)
		}
		public, err := kp.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		return kp, public
	}
	signed := func(token string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	boss, bossID := pair(nkeys.CreateOperator)
	_, systemID := pair(nkeys.CreateAccount)
	account, accountID := pair(nkeys.CreateAccount)
	user, userID := pair(nkeys.CreateUser)
	claims := jwt.NewOperatorClaims(bossID)
	claims.SystemAccount = systemID
	mine := jwt.NewAccountClaims(accountID)
	mine.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	resolver := &server.MemAccResolver{}
	for id, token := range map[string]string{
		systemID:  signed(jwt.NewAccountClaims(systemID).Encode(boss)),
		accountID: signed(mine.Encode(boss)),
	} {
		if err := resolver.Store(id, token); err != nil {
			t.Fatal(err)
		}
	}
	trusted, err := jwt.DecodeOperatorClaims(signed(claims.Encode(boss)))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(signed(jwt.NewUserClaims(userID).Encode(account)), seed)
	if err != nil {
		t.Fatal(err)
	}
	return &server.Options{TrustedOperators: []*jwt.OperatorClaims{trusted}, AccountResolver: resolver, SystemAccount: systemID},
		secretFile(t, string(text))
}

// A cluster that speaks TLS and asks for certificates and credentials of every
// kind is used with them, and refuses in words without.
func TestAClusterIsReachedByTLSAndCredentials(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	store := peers.StartVersityGW(t, t.TempDir())
	s3 := startTLS(t, store.Endpoint, a.both(t, "s3"))
	cert, key := a.sign(t, "us")
	mine := TLS{CA: a.CA, Cert: cert, Key: key}
	byOperator, creds := operator(t)
	base := Config{S3: s3, S3TLS: mine, AccessKey: store.AccessKey, SecretKeyFile: secretFile(t, store.SecretKey)}
	for name, c := range map[string]struct {
		server *server.Options
		own    func(c *Config)
		// without are settings that must not do, and a word of what is said.
		without func(c *Config)
		word    string
	}{
		"certificates": {&server.Options{TLSConfig: a.both(t, "nats"), TLSVerify: true}, func(c *Config) { c.NATSTLS = mine },
			func(c *Config) { c.NATSTLS = TLS{CA: a.CA} }, "certificate"},
		"another authority": {&server.Options{TLSConfig: a.both(t, "nats"), TLSVerify: true}, func(c *Config) { c.NATSTLS = mine },
			func(c *Config) { c.NATSTLS.CA = stranger.CA }, "unknown authority"},
		"user and password": {&server.Options{Username: "u", Password: "hush"},
			func(c *Config) { c.User, c.PasswordFile = "u", secretFile(t, "hush") },
			func(c *Config) { c.PasswordFile = secretFile(t, "loud") }, "Authorization"},
		"token": {&server.Options{Authorization: "hush"}, func(c *Config) { c.TokenFile = secretFile(t, "hush") },
			func(c *Config) { c.TokenFile = "" }, "Authorization"},
		"credentials": {byOperator, func(c *Config) { c.Creds = creds }, func(c *Config) { c.Creds = "" }, "Authorization"},
	} {
		t.Run(name, func(t *testing.T) {
			scheme := "nats://"
			if c.server.TLSConfig != nil {
				scheme = "tls://"
			}
			cfg := base
			cfg.NATS = []string{scheme + startNATS(t, c.server)}
			c.own(&cfg)
			checkSession(t, cfg)
			c.without(&cfg)
			if _, err := cfg.Dial(); err == nil || !strings.Contains(err.Error(), c.word) || strings.Contains(err.Error(), "hush") {
				t.Errorf("without: %v, want %q", err, c.word)
			}
		})
	}
	for name, c := range map[string]struct {
		server   *server.Options
		own      func(c *Config)
		variable string
	}{
		"password of the environment": {&server.Options{Username: "u", Password: "hush"}, func(c *Config) { c.User = "u" }, passwordVariable},
		"token of the environment":    {&server.Options{Authorization: "hush"}, func(*Config) {}, tokenVariable},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := base
			cfg.NATS = []string{"nats://" + startNATS(t, c.server)}
			c.own(&cfg)
			t.Setenv(c.variable, "hush")
			checkSession(t, cfg)
		})
	}
	t.Run("store", func(t *testing.T) {
		for word, change := range map[string]func(c *Config){
			"certificate":       func(c *Config) { c.S3TLS = TLS{CA: a.CA} },
			"unknown authority": func(c *Config) { c.S3TLS = TLS{CA: stranger.CA, Cert: cert, Key: key} },
			"refuses our keys":  func(c *Config) { c.SecretKeyFile = secretFile(t, "loud") },
		} {
			cfg := base
			change(&cfg)
			s, err := cfg.OpenStore()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			err = cfg.S3Error(s.EnsureBucket(ctx))
			cancel()
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%v, want %q", err, word)
			}
		}
	})
}

// checkSession opens what is there, and stores an object.
func checkSession(t *testing.T, cfg Config) {
	t.Helper()
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	s, err := cfg.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Jobs.List(t.Context()); err != nil {
		t.Error(err)
	}
	want := []byte("kept")
	key := "staging/" + strings.ReplaceAll(t.Name(), " ", "-")
	if err := s.Store.PutIfAbsent(t.Context(), key, want, "text/plain"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Store.GetBytes(t.Context(), key, 1<<10); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

package remote

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A store refuses requests of a clock that is far from its own with the status
// of wrong keys.
func TestAClockThatIsOffIsNamed(t *testing.T) {
	for code, want := range map[string]string{
		"RequestTimeTooSkewed":  "clock",
		"SignatureDoesNotMatch": "refuses our keys",
	} {
		store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("<Error><Code>" + code + "</Code><Message>no</Message></Error>")) // not to HEAD
		}))
		cfg := Config{S3: store.URL, AccessKey: "a", SecretKeyFile: secretFile(t, "hush")}
		s, err := cfg.OpenStore()
		if err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"a start": s.EnsureBucket(t.Context()),
			"a put":   s.PutIfAbsent(t.Context(), "staging/a", []byte("a"), "text/plain"),
		} {
			if said := cfg.S3Error(err).Error(); !strings.Contains(said, want) || strings.Contains(said, "keys") != (want != "clock") {
				t.Errorf("%s, %s: %s; want %q", code, what, said, want)
			}
		}
		store.Close()
	}
}

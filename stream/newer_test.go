package stream

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/internal/embedded"
)

// A run log of a later form is refused in words before anything is read of it.
func TestARunLogOfANewerVersionIsRefused(t *testing.T) {
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for run, format := range map[int]string{1: "", 2: "1", 3: "2", 4: "two"} {
		cfg := Config{Job: "later", Run: run, MaxBytes: 1 << 20}
		sc := cfg.stream()
		if format != "" {
			sc.Metadata = map[string]string{formatKey: format}
		}
		if _, err := js.CreateStream(t.Context(), sc); err != nil {
			t.Fatal(err)
		}
		newer := run > 2
		_, openErr := Open(t.Context(), nc, cfg.Job, run)
		_, createErr := Create(t.Context(), nc, cfg)
		for _, err := range []error{openErr, createErr} {
			if errors.Is(err, ErrNewer) != newer || !newer && err != nil || newer && !strings.Contains(err.Error(), "use that version") {
				t.Errorf("format %q: %v", format, err)
			}
		}
	}
}

// So are single messages that this version does not know.
func TestMessagesOfANewerVersionAreRefused(t *testing.T) {
	_, control := ParseControl(Entry{Sequence: 7, Data: []byte(`{"type":"rewind"}`)})
	_, result := ParseResult(Entry{Sequence: 7, Header: nats.Header{HeaderResult: {"video"}}, Data: []byte("{}")})
	lines := ParseLines([]byte("z\t{}\n"), Visitor{})
	for name, err := range map[string]error{"control": control, "result": result, "line": lines} {
		if !errors.Is(err, ErrNewer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

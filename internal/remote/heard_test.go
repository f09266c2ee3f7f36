package remote

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// What befalls a connection goes to the log that its owner gave, once, and
// never to stderr as it is.
func TestTheConnectionSpeaksThroughTheLog(t *testing.T) {
	may := &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"open"}}}
	addr := startNATS(t, &server.Options{Users: []*server.User{{Username: "u", Password: "hush", Permissions: may}}})
	var log lines
	cfg := Config{NATS: []string{"nats://" + addr}, User: "u", PasswordFile: secretFile(t, "hush"), Log: slog.New(slog.NewJSONHandler(&log, nil))}
	nc, err := cfg.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for range 3 {
		if err := nc.Publish("closed", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil { // what is refused is told before the answer
		t.Fatal(err)
	}
	nc.Opts.AsyncErrorCB(nc, nil, nats.ErrSlowConsumer) // and of another
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); strings.Count(log.String(), "\n") < 2; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("the log has\n%s", log.String())
		}
	}
	said := log.String()
	if strings.Count(said, "nats: permissions violation") != 1 || strings.Count(said, "slow consumer") != 1 {
		t.Errorf("the log has\n%s", said)
	}
	for line := range strings.Lines(said) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	newHeard(nil).hear(nil, nil, nats.ErrSlowConsumer) // a connection without a log
}

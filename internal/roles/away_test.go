package roles

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Each run of a process meets a server that is away, and says so.
func TestManyRunsSayOnceThatAServerIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		known := false
		a := &away{log: slog.New(slog.NewTextHandler(&log, nil)), bad: func() bool { return known }}
		wants := func(when string, lines int) {
			t.Helper()
			for range 200 {
				a.tell("J_morning_1", errors.New("no responders"))
			}
			if got := strings.Count(log.String(), "\n"); got != lines {
				t.Errorf("%s: %d lines, want %d", when, got, lines)
			}
		}
		wants("at first", 1)
		<-time.After(2 * awayAgain) // by the clock of the bubble
		wants("another time", 2)
		<-time.After(2 * awayAgain)
		known = true
		wants("beside the weather", 2)
	})
}

// Package streamtest is what any NATS server must pass to carry run logs: the
// embedded one, a process of its own, a cluster of three.
package streamtest

import (
	"testing"

	"github.com/nats-io/nats.go"
)

// Run runs the suite. Each call of connect returns a new connection to the
// same server or cluster, which Run's tests close; streams of other names than
// the suite's own are left alone.
func Run(t *testing.T, connect func(t *testing.T) *nats.Conn) {
	t.Run("a connection is there", func(t *testing.T) {
		if nc := connect(t); !nc.IsConnected() {
			t.Fatal("not connected")
		}
	})
}

// Package embedded runs the two servers that a single-process newsreel needs
// inside that process: NATS with JetStream, and an S3 server whose objects are
// plain files. Both are durable: what they acknowledge survives a power cut
// (the tests cut it).
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// DefaultMemoryStore is the limit of streams that are kept in memory (leases),
// in bytes.
const DefaultMemoryStore = 64 << 20

// readyTimeout bounds the start of the NATS server. It recovers its streams
// before it is ready; a thousand of them took 0.7 s.
const readyTimeout = 60 * time.Second

// NATSConfig are the settings of StartNATS.
type NATSConfig struct {
	// StoreDir is the absolute path of the folder that JetStream keeps its
	// streams in. One process at a time may use it: two lose data without a
	// word, so the caller holds a lock.
	StoreDir string
	// MaxStore is what all streams in files may hold together, in bytes. It
	// is not optional: the server's own choice, 75 % of the free space at
	// the time, knows nothing of what else fills the disk.
	MaxStore int64
	// MaxMemory is the same for streams in memory; 0 is DefaultMemoryStore.
	MaxMemory int64
	// Logger gets the server's warnings and errors. Nil is silence.
	Logger *slog.Logger
}

// NATS is a NATS server inside the process. It listens on no port: connections
// come from Conn and InProcessConn. It is safe for concurrent use.
type NATS struct {
	cfg NATSConfig

	mu     sync.RWMutex
	srv    *server.Server // nil once shut down
	closed bool
}

// errStopped is what a server that was shut down answers.
var errStopped = errors.New("embedded NATS server is stopped")

// StartNATS starts the server and waits until it serves.
func StartNATS(cfg NATSConfig) (*NATS, error) {
	switch {
	case !filepath.IsAbs(cfg.StoreDir):
		return nil, fmt.Errorf("start NATS: store folder %q is not an absolute path", cfg.StoreDir)
	case cfg.MaxStore <= 0:
		return nil, fmt.Errorf("start NATS: store limit of %d bytes", cfg.MaxStore)
	}
	if cfg.MaxMemory <= 0 {
		cfg.MaxMemory = DefaultMemoryStore
	}
	srv, err := startServer(cfg)
	if err != nil {
		return nil, err
	}
	return &NATS{cfg: cfg, srv: srv}, nil
}

func startServer(cfg NATSConfig) (*server.Server, error) {
	if err := dropUnfinished(cfg.StoreDir); err != nil {
		return nil, fmt.Errorf("start NATS in %s: %w", cfg.StoreDir, err)
	}
	srv, err := server.NewServer(&server.Options{
		ServerName: "newsreel",
		DontListen: true,
		NoSigs:     true,
		// JetStream acknowledges before fsync unless told otherwise.
		SyncAlways:             true,
		JetStream:              true,
		StoreDir:               cfg.StoreDir,
		JetStreamMaxStore:      cfg.MaxStore,
		JetStreamMaxMemory:     cfg.MaxMemory,
		DisableJetStreamBanner: true,
		NoLog:                  true, // but see SetLoggerV2
	})
	if err != nil {
		return nil, fmt.Errorf("start NATS in %s: %w", cfg.StoreDir, err)
	}
	log := &natsLog{log: cfg.Logger}
	srv.SetLoggerV2(log, false, false, false)
	srv.Start()
	if reason := log.fatalReason(); reason != "" {
		stopServer(srv)
		return nil, fmt.Errorf("start NATS in %s: %s", cfg.StoreDir, reason)
	}
	if !srv.ReadyForConnections(readyTimeout) {
		stopServer(srv)
		return nil, fmt.Errorf("start NATS in %s: not ready after %s", cfg.StoreDir, readyTimeout)
	}
	if !srv.JetStreamEnabled() {
		stopServer(srv)
		return nil, fmt.Errorf("start NATS in %s: JetStream could not use the folder", cfg.StoreDir)
	}
	return srv, nil
}

func stopServer(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// InProcessConn returns a new connection to the server, without TCP. It makes
// NATS fit for nats.InProcessServer, and for a bridge.
func (n *NATS) InProcessConn() (net.Conn, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.srv == nil {
		return nil, errStopped
	}
	return n.srv.InProcessConn()
}

// connectTime is how long the server, which is in the same process, may take to
// greet a client: the machine may be busy.
const connectTime = 15 * time.Second

// Conn returns a client's connection. It reconnects for as long as it is open,
// also over Restart, unless opts say otherwise. The caller closes it.
func (n *NATS) Conn(opts ...nats.Option) (*nats.Conn, error) {
	all := append([]nats.Option{
		nats.InProcessServer(n),
		nats.Timeout(connectTime),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(50 * time.Millisecond),
		nats.ReconnectJitter(10*time.Millisecond, 10*time.Millisecond),
	}, opts...)
	nc, err := nats.Connect("", all...)
	if err != nil {
		return nil, fmt.Errorf("connect to embedded NATS: %w", err)
	}
	return nc, nil
}

// Healthy returns nil if every stream can be written. A stream that met a full
// disk stays dead after there is space again, and its publishers see time-outs
// only; Healthy names it ("write error … no space left"), and Restart revives
// it.
func (n *NATS) Healthy() error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.srv == nil {
		return errStopped
	}
	h := n.srv.Healthz(&server.HealthzOptions{Details: true})
	for _, e := range h.Errors {
		if e.Type == server.HealthzErrorStream && strings.HasPrefix(e.Stream, ".") {
			continue // the files of a deleted stream on their way out, see removeDeleted
		}
		return fmt.Errorf("embedded NATS: %s", e.Error)
	}
	if len(h.Errors) == 0 && h.Error != "" {
		return fmt.Errorf("embedded NATS: %s", h.Error)
	}
	return nil
}

// Restart stops the server and starts it over the same folder. Connections of
// Conn come back by themselves; what was in flight on them is lost as with any
// lost connection. After an error the server is stopped, and Restart may be
// tried again.
func (n *NATS) Restart() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errStopped
	}
	if n.srv != nil {
		stopServer(n.srv)
		n.srv = nil
	}
	srv, err := startServer(n.cfg)
	if err != nil {
		return err
	}
	n.srv = srv
	return nil
}

// MaxStore returns the limit the server was started with, in bytes.
func (n *NATS) MaxStore() int64 { return n.cfg.MaxStore }

// Shutdown stops the server and waits until its files are closed. It may be
// called more than once.
func (n *NATS) Shutdown() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.srv != nil {
		stopServer(n.srv)
		n.srv = nil
		removeDeleted(n.cfg.StoreDir)
	}
}

// removeDeleted removes what deleted streams had in files. The server renames
// such a folder to one with a dot and removes it in the background, which its
// end cuts short: hundreds of megabytes would stay until the next start.
func removeDeleted(storeDir string) {
	left, _ := filepath.Glob(filepath.Join(storeDir, server.JetStreamStoreDir, "*", "streams", ".*"))
	for _, dir := range left {
		os.RemoveAll(dir) // what stays goes at the next start
	}
}

// natsLog passes warnings and worse on, where there is a logger, and keeps what
// the server would have ended the process for: Start returns without a word
// then, and never gets ready.
type natsLog struct {
	log *slog.Logger

	mu    sync.Mutex
	fatal string
}

func (l *natsLog) fatalReason() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal
}

func (l *natsLog) Noticef(format string, v ...any) { l.pass(slog.LevelDebug, format, v) }
func (l *natsLog) Debugf(string, ...any)           {}
func (l *natsLog) Tracef(string, ...any)           {}
func (l *natsLog) Warnf(format string, v ...any)   { l.pass(slog.LevelWarn, format, v) }
func (l *natsLog) Errorf(format string, v ...any)  { l.pass(slog.LevelError, format, v) }

func (l *natsLog) Fatalf(format string, v ...any) {
	l.pass(slog.LevelError, format, v)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fatal = fmt.Sprintf(format, v...)
}

func (l *natsLog) pass(level slog.Level, format string, v []any) {
	if l.log != nil {
		l.log.Log(context.Background(), level, fmt.Sprintf(format, v...), "server", "nats")
	}
}

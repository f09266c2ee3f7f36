package datadir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/internal/objstore"
)

// ErrNobody says that no process holds the folder.
var ErrNobody = errors.New("no process holds the data folder")

// attachWait bounds the wait for a holder that is just starting.
const attachWait = 10 * time.Second

// Client is a data folder through the process that holds it. When that process
// ends, the connections end too. It is safe for concurrent use.
type Client struct {
	dir    string
	holder holder
	ends   endpoints

	mu     sync.Mutex
	conns  []*nats.Conn
	stores []*objstore.Store
}

// Attach joins the process that holds the folder. It waits for one that has
// just taken it. Errors: ErrNobody, *FormatError, or what went wrong.
func Attach(dir string) (*Client, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", dir, err)
	}
	c, err := attach(dir)
	if err != nil && !errors.Is(err, ErrNobody) {
		return nil, fmt.Errorf("join the holder of data folder %s: %w", dir, err)
	}
	return c, err
}

func attach(dir string) (*Client, error) {
	if err := checkFormat(dir); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), attachWait)
	defer cancel()
	for {
		held, err := isHeld(dir)
		if err != nil {
			return nil, err
		}
		if !held {
			return nil, fmt.Errorf("%s: %w", dir, ErrNobody)
		}
		h, known := readHolder(dir)
		if e, ok := readEndpoints(dir); ok && known && e.Instance == h.Instance {
			return &Client{dir: dir, holder: h, ends: e}, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w, and does not answer after %s", &HolderError{
				Dir: dir, PID: h.PID, Command: h.Command, Since: h.Since, Roles: h.Roles}, attachWait)
		}
		wait(ctx, pollInterval)
	}
}

func readEndpoints(dir string) (endpoints, bool) {
	var e endpoints
	data, err := os.ReadFile(filepath.Join(dir, "run", "endpoints.json"))
	if err != nil || json.Unmarshal(data, &e) != nil {
		return endpoints{}, false
	}
	return e, e.NATS != "" && e.S3 != ""
}

// NATS returns a connection to the holder's NATS server. The caller closes it;
// Close does so for those that are forgotten.
func (c *Client) NATS(opts ...nats.Option) (*nats.Conn, error) {
	all := append([]nats.Option{
		nats.SetCustomDialer(unixDialer{c.ends.NATS}),
		nats.ReconnectWait(100 * time.Millisecond),
	}, opts...)
	// The address is for the client's books; the dialer knows the way.
	nc, err := nats.Connect("nats://localhost:4222", all...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS of data folder %s: %w", c.dir, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = slices.DeleteFunc(c.conns, (*nats.Conn).IsClosed)
	c.conns = append(c.conns, nc)
	return nc, nil
}

// Store returns the folder's archive.
func (c *Client) Store() (*objstore.Store, error) {
	s, err := newStore(c.dir, c.ends.S3, c.ends.keys)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stores = append(c.stores, s)
	return s, nil
}

// Close ends the connections that c gave out. The holder goes on.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, nc := range c.conns {
		nc.Close()
	}
	for _, s := range c.stores {
		s.Close()
	}
	c.conns, c.stores = nil, nil
	return nil
}

// Held is true: another process holds the folder.
func (c *Client) Held() bool { return true }

// Path returns the absolute path of the folder.
func (c *Client) Path() string { return c.dir }

// Holder returns who holds the folder, in the form of the error that refuses
// it: process, command, since when, and whether it runs roles.
func (c *Client) Holder() HolderError {
	h := c.holder
	return HolderError{Dir: c.dir, PID: h.PID, Command: h.Command, Since: h.Since, Roles: h.Roles}
}

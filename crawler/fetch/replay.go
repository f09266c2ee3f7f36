package fetch

import (
	"bytes"
	"context"
	"net"
	"time"
)

// Replay reads a recorded response again, as from a server that sends it and
// closes: the view of a stored record, made by the code that made it first.
// response is not kept.
func (c *Client) Replay(url string, response []byte) (*Exchange, error) {
	r := &run{client: c, request: &Request{URL: url}, ctx: context.Background(), began: time.Now(), byLimit: true}
	r.deadline = r.began.Add(c.settings.Limits.Exchange)
	r.exchange = c.newExchange(url)
	r.exchange.Response = newRecording(&c.memory, int(c.settings.SpillAfter))
	r.conn = &conn{Conn: replayConn{Reader: bytes.NewReader(response)}}
	err := r.read()
	r.exchange.Response.finish()
	if err != nil {
		return nil, r.failed(err)
	}
	return r.exchange, nil
}

// replayConn is a connection of which only reading is real.
type replayConn struct {
	net.Conn
	*bytes.Reader
}

func (c replayConn) Read(p []byte) (int, error)     { return c.Reader.Read(p) }
func (replayConn) SetDeadline(time.Time) error      { return nil }
func (replayConn) SetReadDeadline(time.Time) error  { return nil }
func (replayConn) SetWriteDeadline(time.Time) error { return nil }

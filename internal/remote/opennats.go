package remote

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
)

// OpenNATS is Open for what may need NATS alone: nothing is sent to the S3
// store, of which the client is made. StoreThere tells whether it is there.
func (c *Config) OpenNATS(ctx context.Context, opts ...nats.Option) (*Session, error) {
	s := &Session{}
	var err error
	if s.Store, err = c.OpenStore(); err != nil {
		return nil, err
	}
	if s.NATS, err = c.Dial(opts...); err != nil {
		return nil, err
	}
	if err := c.prepareNATS(ctx, s); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// thereTime is how long a store may take to say that it is there.
const thereTime = 5 * time.Second

// StoreThere makes the bucket where it is missing. Its error says what may cure
// it, and comes within some seconds.
func (c *Config) StoreThere(ctx context.Context, s *Session) error {
	ctx, cancel := context.WithTimeout(ctx, thereTime)
	defer cancel()
	return c.prepareStore(ctx, s)
}

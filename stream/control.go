package stream

import (
	"encoding/json"
	"fmt"
	"time"
)

// Control types.
const (
	// ControlPause stops handing out URLs until ControlResume.
	ControlPause  = "pause"
	ControlResume = "resume"
	// ControlDocument replaces the limits and the politeness of the job
	// document for the rest of the run.
	ControlDocument = "document"
	// ControlSeed adds a URL to the seeds: a seed's redirect target.
	ControlSeed = "seed"
	// ControlClose ends the handing out of URLs for Reason (limit or
	// cancelled): whatever waits then, or is discovered later, is skipped.
	ControlClose = "close"
	// ControlQuota divides what the limits allow among the partitions of
	// several crawlers. By compare-and-set.
	ControlQuota = "quota"
	// ControlEnd says that every partition is idle: the run is over. Set once,
	// by compare-and-set.
	ControlEnd = "end"
)

// Control is a message on a run's ctl subject, as JSON.
type Control struct {
	Type     string          `json:"type"`
	Reason   string          `json:"reason,omitempty"`
	URL      string          `json:"url,omitempty"`
	Document json.RawMessage `json:"document,omitempty"`
	Quota    *Quota          `json:"quota,omitempty"`
	By       string          `json:"by,omitempty"`
	Time     time.Time       `json:"time"`
}

// ParseControl reads a ctl message. One of an unknown type is an error: a newer
// version wrote it, and expects of all that they heed it.
func ParseControl(e Entry) (Control, error) {
	var c Control
	if err := json.Unmarshal(e.Data, &c); err != nil {
		return c, fmt.Errorf("control message %d: %w", e.Sequence, err)
	}
	switch c.Type {
	case ControlPause, ControlResume, ControlDocument, ControlSeed, ControlClose, ControlQuota, ControlEnd:
		return c, nil
	}
	return c, fmt.Errorf("control message %d: type %.40q: %w", e.Sequence, c.Type, ErrNewer)
}

package roles

import (
	"slices"
	"strings"
	"time"

	"newsreel/stream"
)

// Status is a role at one moment: what a look at its health needs.
type Status struct {
	Role  string    `json:"role"`
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
	// Ready: both servers were reached and the role was joined. Member: its
	// lease holds now.
	Ready  bool `json:"ready"`
	Member bool `json:"member"`
	// Live are the ids of the role's processes that live.
	Live []string `json:"live,omitempty"`
	// NATS and S3 say what is wrong with them now, "" if nothing is known to be.
	NATS string `json:"nats,omitempty"`
	S3   string `json:"s3,omitempty"`
	// Done counts what this process did, in Unit: exchanges, results, segments.
	Done int64  `json:"done"`
	Unit string `json:"unit"`
	// Runs are those that it works on now.
	Runs []RunStatus `json:"runs"`
}

// RunStatus is what a process does for a run.
type RunStatus struct {
	Job  string `json:"job"`
	Run  int    `json:"run"`
	Done int64  `json:"done"`
	// Trouble is what is being tried again, "" for nothing.
	Trouble string `json:"trouble,omitempty"`
}

// Status may be called at any time.
func (r *Role) Status() Status {
	s := Status{Role: r.o.Role, ID: r.o.ID, Since: r.since, Ready: r.ready.Load(), Unit: r.unit(), Runs: []RunStatus{}}
	s.NATS, s.S3 = r.weather.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.member != nil {
		s.Member, s.Live = r.member.Holds(), r.member.Live()
	}
	s.Done = r.done
	for key, w := range r.workers {
		n := w.count()
		s.Done += n
		run := RunStatus{Job: key.job, Run: key.number, Done: n}
		if text := w.trouble.Load(); text != nil {
			run.Trouble = *text
		}
		s.Runs = append(s.Runs, run)
	}
	slices.SortFunc(s.Runs, func(a, b RunStatus) int {
		if c := strings.Compare(a.Job, b.Job); c != 0 {
			return c
		}
		return a.Run - b.Run
	})
	return s
}

// unit is what the role's work is counted in.
func (r *Role) unit() string {
	switch r.o.Role {
	case stream.RoleCrawler:
		return "exchanges"
	case stream.RoleExtractor:
		return "results"
	}
	return "segments"
}

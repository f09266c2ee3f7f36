package job_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/internal/embedded"
	"newsreel/job"
)

func openJobs(t *testing.T) *job.Jobs {
	t.Helper()
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	jobs, err := job.OpenJobs(t.Context(), nc, 1)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

func document(t *testing.T) *job.Document {
	t.Helper()
	doc, err := job.FromURLs([]string{"https://www.example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	doc.Name, doc.Collection = "morning", "papers"
	return doc
}

func TestARunIsMadeOnceAndBegunOnceByManyAtOnce(t *testing.T) {
	jobs, doc, now := openJobs(t), document(t), time.Now()
	rec, err := jobs.Put(t.Context(), doc, now)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var begun atomic.Int32
	for range 8 {
		wg.Go(func() {
			mine := *rec
			run, err := jobs.NewRun(t.Context(), &mine, 1, now)
			if err != nil || run.Number != 1 || run.State == "" {
				t.Errorf("run %+v, %v", run, err)
				return
			}
			first := false
			after, err := jobs.ChangeRun(t.Context(), "morning", 1, func(r *job.RunState) bool {
				first = r.State == job.StateQueued
				r.State, r.Started = job.StateRunning, &now
				return first
			})
			if err != nil || after.State != job.StateRunning {
				t.Errorf("run %+v, %v", after, err)
			}
			if first {
				begun.Add(1)
			}
		})
	}
	wg.Wait()
	if begun.Load() != 1 {
		t.Errorf("%d began the run", begun.Load())
	}
	if rec, err = jobs.Get(t.Context(), "morning"); err != nil || rec.Latest != 1 {
		t.Errorf("%+v, %v", rec, err)
	}
}

func TestNoChangeOfARunIsLost(t *testing.T) {
	jobs, doc, now := openJobs(t), document(t), time.Now()
	rec, err := jobs.Put(t.Context(), doc, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.NewRun(t.Context(), rec, 1, now); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if _, err := jobs.ChangeRun(t.Context(), "morning", 1, func(r *job.RunState) bool { r.Committed++; return true }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if run, err := jobs.Run(t.Context(), "morning", 1); err != nil || run.Committed != 80 {
		t.Errorf("%+v, %v", run, err)
	}
	if _, err := jobs.ChangeRun(t.Context(), "morning", 2, func(*job.RunState) bool { return true }); err == nil {
		t.Error("a run that is not there was changed")
	}
}

func TestFollowTellsWhatIsThereAndWhatChanges(t *testing.T) {
	jobs, doc, now := openJobs(t), document(t), time.Now()
	rec, err := jobs.Put(t.Context(), doc, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.NewRun(t.Context(), rec, 1, now); err != nil {
		t.Fatal(err)
	}
	told := make(chan *job.RunState, 8)
	go jobs.Follow(t.Context(), func(r *job.RunState) { told <- r })
	next := func() *job.RunState {
		select {
		case r := <-told:
			return r
		case <-time.After(time.Minute):
			t.Fatal("nothing is told")
			return nil
		}
	}
	if r := next(); r == nil || r.State != job.StateQueued {
		t.Fatalf("first %+v", r)
	}
	if r := next(); r != nil {
		t.Fatalf("more than there is: %+v", r)
	}
	if _, err := jobs.ChangeRun(t.Context(), "morning", 1, func(r *job.RunState) bool { r.State = job.StatePaused; return true }); err != nil {
		t.Fatal(err)
	}
	if r := next(); r == nil || r.State != job.StatePaused {
		t.Fatalf("after the change %+v", r)
	}
}

// wire is a connection on which what is sent gets lost while it is deaf.
type wire struct {
	net.Conn
	deaf *atomic.Bool
}

func (w wire) Write(b []byte) (int, error) {
	if w.deaf.Load() {
		return len(b), nil
	}
	return w.Conn.Write(b)
}

// dialer makes wires.
type dialer struct {
	server *embedded.NATS
	deaf   atomic.Bool
}

func (d *dialer) Dial(string, string) (net.Conn, error) {
	conn, err := d.server.InProcessConn()
	return wire{conn, &d.deaf}, err
}

func TestFollowingEndsWhereNobodyAnswers(t *testing.T) {
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	d := &dialer{server: server}
	nc, err := nats.Connect("nats://in-process", nats.SetCustomDialer(d))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	jobs, err := job.OpenJobs(t.Context(), nc, 1)
	if err != nil {
		t.Fatal(err)
	}
	d.deaf.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = jobs.Follow(ctx, func(r *job.RunState) { t.Errorf("told of %+v", r) })
	if err == nil || ctx.Err() != nil {
		t.Errorf("following ended with %v, its time with %v", err, ctx.Err())
	}
}

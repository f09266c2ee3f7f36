package datadir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRoleHolderIsNamedAtOnce(t *testing.T) {
	dir := t.TempDir()
	p := startHolder(t, "crawl", dir, "/")
	start := time.Now()
	_, err := Open(dir, Purpose{Command: "newsreel crawl two", Roles: true}, RoleWait)
	var held *HolderError
	if !errors.As(err, &held) {
		t.Fatalf("got %v", err)
	}
	if took := time.Since(start); took > RoleWait/2 {
		t.Errorf("waited %s for a process that stays", took)
	}
	if held.PID != p.cmd.Process.Pid || held.Command != "newsreel crawl" || !held.Roles || held.Since.IsZero() {
		t.Errorf("%+v", held)
	}
	if !strings.Contains(err.Error(), "is held by `newsreel crawl` (pid ") {
		t.Errorf("message: %v", err)
	}
	p.release(t)
	closeFolder(t, open(t, dir))
}

func TestRolesWaitForALookUp(t *testing.T) {
	dir := t.TempDir()
	p := startHolder(t, "search", dir, "/")
	if _, err := Open(dir, Purpose{Command: "newsreel crawl", Roles: true}, 400*time.Millisecond); err == nil {
		t.Fatal("opened a folder that is held")
	}
	type result struct {
		f   *Folder
		err error
	}
	got := make(chan result)
	go func() {
		f, err := Open(dir, Purpose{Command: "newsreel crawl", Roles: true}, childWait)
		got <- result{f, err}
	}()
	p.release(t)
	r := <-got
	if r.err != nil {
		t.Fatal(r.err)
	}
	closeFolder(t, r.f)
}

func TestSecondProcessJoinsThroughTheSockets(t *testing.T) {
	for name, dir := range map[string]string{"short path": t.TempDir(), "long path": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			p := startHolder(t, "crawl", dir, "/")
			s, err := Use(dir, Purpose{Command: "newsreel search"})
			if err != nil {
				t.Fatal(err)
			}
			if !s.Held() {
				t.Fatal("holds a folder that is held")
			}
			leave(t, s, "joined")
			find(t, s, "joined")
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			p.release(t)

			s, err = Use(dir, Purpose{Command: "newsreel search"})
			if err != nil {
				t.Fatal(err)
			}
			if s.Held() {
				t.Fatal("joined nobody")
			}
			find(t, s, "joined")
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKilledHolderLeavesTheFolderFree(t *testing.T) {
	for name, dir := range map[string]string{"short path": t.TempDir(), "long path": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			p := startHolder(t, "crawl", dir, "/")
			c, err := Attach(dir)
			if err != nil {
				t.Fatal(err)
			}
			leave(t, c, "before")
			sockets := filepath.Dir(c.ends.NATS)
			p.kill()
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if _, err := Attach(dir); !errors.Is(err, ErrNobody) {
				t.Fatalf("joined a dead process: %v", err)
			}
			f := open(t, dir)
			find(t, f, "before")
			if _, err := os.Stat(sockets); !strings.HasPrefix(sockets, dir) && err == nil {
				t.Errorf("old sockets are still in %s", sockets)
			}
			closeFolder(t, f)
		})
	}
}

func TestRelativePathIsOfTheStart(t *testing.T) {
	work := t.TempDir()
	p := startHolder(t, "crawl", "data", work)
	want, err := filepath.EvalSymlinks(work)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := filepath.EvalSymlinks(p.path); err != nil || got != filepath.Join(want, "data") {
		t.Fatalf("held %s, %v", p.path, err)
	}
	c, err := Attach(filepath.Join(work, "data"))
	if err != nil {
		t.Fatal(err)
	}
	leave(t, c, "relative")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	p.release(t)
	if _, err := os.Stat(filepath.Join(work, "data/s3/newsreel/col/relative")); err != nil {
		t.Error(err)
	}
}

func TestNobodyHoldsWhatIsNotThere(t *testing.T) {
	for _, dir := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if _, err := Attach(dir); !errors.Is(err, ErrNobody) {
			t.Errorf("%s: %v", dir, err)
		}
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			t.Errorf("%s: made %v", dir, entries)
		}
	}
}

// A note can be older than the lock.
func TestNoteOfADeadProcessIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	p := startHolder(t, "crawl", dir, "/")
	p.kill()
	if _, err := os.Stat(holderPath(dir)); err != nil {
		t.Fatal(err) // it was killed, so the note is there
	}
	if h, known := readHolder(dir); known {
		t.Errorf("believed %+v", h)
	}
}

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"newsreel/archive"
)

// TestABackupIsRestored follows docs/operations.md: a stopped crawl's folder is
// packed with its extended attributes and unpacked elsewhere; there the archive
// is whole and the crawl goes on to its end.
func TestABackupIsRestored(t *testing.T) {
	s := newStopped(t)
	p := s.begin(t, 60)
	p.cmd.Process.Signal(os.Interrupt)
	stopped := s.checkStopped(t, p)

	restored := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Mkdir(restored, 0o755); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(t.TempDir(), "data.tar")
	tar(t, "--xattrs", "--xattrs-include=user.*", "-C", filepath.Dir(s.dir), "-cf", packed, filepath.Base(s.dir))
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	tar(t, "--xattrs", "--xattrs-include=user.*", "-C", restored, "-xf", packed)
	s.dir = filepath.Join(restored, filepath.Base(s.dir))
	succeed(t, "verify", "--data", s.dir)

	s.args = append([]string{"crawl", "--json", "--quiet", "--name", "papers", "--data", s.dir}, s.world.arguments()...)
	p = start(t, s.args...)
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	sum := p.summary(t)
	checkClosed(t, sum)
	if sum.Run != stopped.Run || sum.State != "finished" || sum.Waiting != 0 || sum.Captures <= stopped.Captures {
		t.Errorf("run %d is %s with %d captures; it was stopped with %d", sum.Run, sum.State, sum.Captures, stopped.Captures)
	}
	succeed(t, "verify", "--data", s.dir)
}

// TestAnArchiveWithoutItsRunLogsKnowsItsRuns takes the store of run logs and
// jobs away: the archive alone says which runs there were.
func TestAnArchiveWithoutItsRunLogsKnowsItsRuns(t *testing.T) {
	s := newStopped(t)
	run := func() archive.Summary {
		p := start(t, s.args...)
		if code := p.wait(t); code != 0 {
			t.Fatalf("exit %d\n%s", code, p.tail())
		}
		return p.summary(t)
	}
	first := run()
	if err := os.RemoveAll(filepath.Join(s.dir, "nats")); err != nil {
		t.Fatal(err)
	}
	if second := run(); first.Run != 1 || second.Run != 2 || second.Captures < first.Captures/2 {
		t.Errorf("runs %d and %d, with %d and %d captures", first.Run, second.Run, first.Captures, second.Captures)
	}
	succeed(t, "verify", "--data", s.dir)
}

func succeed(t *testing.T, args ...string) {
	t.Helper()
	p := start(t, args...)
	if code := p.wait(t); code != 0 {
		t.Fatalf("newsreel %v: exit %d\n%s", args, code, p.tail())
	}
}

func tar(t *testing.T, args ...string) {
	t.Helper()
	if said, err := exec.Command("tar", args...).CombinedOutput(); err != nil {
		t.Fatalf("tar %v: %v\n%s", args, err, said)
	}
}

package e2e

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A crawl that writes a snapshot of its frontier every few entries, and is
// killed between any two steps of that, goes on from the snapshots: what they
// hold was purged from the log.
func TestAKilledCrawlGoesOnFromSnapshots(t *testing.T) {
	world := newPapers(t, 4, 100)
	want := world.expected()
	s := seed(t)
	t.Logf("NEWSREEL_SEED=%d", s)
	k := &killer{world: world, dir: filepath.Join(t.TempDir(), "data"), rng: rand.New(rand.NewPCG(s, 1))}
	k.args = append([]string{"crawl", "--json", "--quiet", "--name", "papers", "--data", k.dir,
		"--segment-size", "200KiB", "--segment-age", "1s", "--snapshot-every", "10"}, world.arguments()...)
	for _, at := range k.moments(len(want), 4) {
		k.during(t, at)
	}
	last := run(t, 0, k.args...)
	c := open(t, k.dir, "papers")
	c.summary = last.summary(t)
	if diff := cmp.Diff(want, c.fates(t)); diff != "" {
		t.Errorf("ledger (-expected +crawled):\n%s", diff)
	}
	c.checkCloses(t)
	c.checkStoredOnce(t, want)
	c.checkContiguous(t)
	verify(t, k.dir, "papers")
	if staged, _ := filepath.Glob(filepath.Join(k.dir, "s3", "newsreel", "staging", "*", "*")); len(staged) > 0 {
		t.Errorf("staged objects are left: %v", staged)
	}
}

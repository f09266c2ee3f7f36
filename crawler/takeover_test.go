package crawler_test

import (
	"testing"
	"time"
)

func TestCrawlersShareRunsWithoutAskingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, 5, 200*time.Millisecond)
	c := newCluster(t, w)
	c.submit("")
	c.submit("")
	ps := []*process{c.start(), c.start(), c.start()}
	c.ended(ps...)
	c.once(w.total())
	c.polite()
	for _, p := range ps {
		if p.exchanges() == 0 {
			t.Errorf("crawler %s did nothing", p.id)
		}
	}
	// A robots.txt for each host, in each run.
	if got, want := w.requests(), 2*(w.total()+2*w.domains); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

func TestPartitionsMoveAsCrawlersComeLeaveAndDie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 25, 300*time.Millisecond)
	c := newCluster(t, w)
	c.submit("")
	c.submit("")
	a, b := c.start(), c.start()
	c.until("some pages", func() bool { return w.requests() > 100 })
	third := c.start()
	c.until("a newcomer works", func() bool { return third.exchanges() > 20 })
	a.leave()
	left := w.requests()
	c.until("more pages", func() bool { return w.requests() > left+100 })
	b.die()
	d := c.start()
	c.until("what the dead one had is taken over", func() bool { return d.exchanges() > 20 })
	c.ended(third, d)
	c.once(w.total())
	c.polite()
	// What was in the air when one died is asked again.
	if got, most := w.requests(), 2*(w.total()+2*w.domains)+2*32; got > most {
		t.Errorf("%d requests, at most %d expected", got, most)
	}
}

func TestACrawlerThatIsCutOffStopsAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, 25, 300*time.Millisecond)
	c := newCluster(t, w)
	c.submit("")
	a, b := c.start(), c.start()
	c.until("both work", func() bool { return a.exchanges() > 30 && b.exchanges() > 30 })
	a.wire.mu.Lock()
	c.until("its lease runs out", func() bool { return !a.member.Holds() })
	c.until("the other has everything", func() bool { return len(b.member.Live()) == 1 })
	at, had := a.exchanges(), b.exchanges()
	c.until("the other goes on", func() bool { return b.exchanges() > had+30 })
	if got := a.exchanges(); got != at {
		t.Errorf("a crawler without a lease made %d exchanges", got-at)
	}
	a.wire.mu.Unlock()
	c.until("it works again", func() bool { return a.exchanges() > at+10 })
	c.ended(a, b)
	c.once(w.total())
	c.polite()
	t.Logf("cut off: %s; other: %s", statsOf(a.crawlers[0]), statsOf(b.crawlers[0]))
}

func TestALimitOnPagesHoldsOverCrawlers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 8, 20, 100*time.Millisecond)
	c := newCluster(t, w)
	c.submit("limits: {pages: 61}")
	a, b, d := c.start(), c.start(), c.start()
	c.until("some pages", func() bool { return w.requests() > 40 })
	a.die()
	c.ended(b, d)
	c.once(61)
	c.polite()
}

package crawler

import "testing"

func TestTheCompressorUsedLastIsLentFirst(t *testing.T) {
	var c compressors
	one, two := c.get(), c.get()
	if one == two {
		t.Fatal("one compressor lent twice")
	}
	c.put(one)
	c.put(two)
	if c.get() != two || c.get() != one {
		t.Error("not the one used last first")
	}
	one.buf = make([]byte, 0, maxCompressed+1)
	c.put(one)
	if got := c.get(); got != one || got.buf != nil {
		t.Error("a large buffer is kept")
	}
}

package datadir

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWatermark(t *testing.T) {
	const gib = 1 << 30
	tests := []struct {
		name              string
		total, free, want int64
	}{
		{"a large disk keeps 5 %", 1000 * gib / 100 * 100, 800 * gib, 50 * gib},
		{"a small disk keeps 2 GiB", 20 * gib, 15 * gib, 2 * gib},
		{"a disk that is nearly full keeps half of the rest", 1000 * gib, 10 * gib, 5 * gib},
		{"a tiny disk keeps half of the rest", gib, gib / 2, gib / 4},
		{"a full disk keeps nothing", 100 * gib, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := watermark(tt.total, tt.free)
			if diff := got - tt.want; diff < -100 || diff > 100 {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestSpaceOfAFolder(t *testing.T) {
	dir := t.TempDir()
	bytes, inodes, err := Free(dir)
	if err != nil || bytes <= 0 || inodes <= 0 {
		t.Errorf("free: %d bytes, %d inodes, %v", bytes, inodes, err)
	}
	if mark, err := Watermark(dir); err != nil || mark <= 0 || mark > bytes {
		t.Errorf("watermark: %d, %v", mark, err)
	}
	none := filepath.Join(dir, "none")
	if _, _, err := Free(none); err == nil {
		t.Error("free space of nothing")
	}
	if _, err := Watermark(none); err == nil {
		t.Error("watermark of nothing")
	}
}

func TestTimeFsync(t *testing.T) {
	dir := t.TempDir()
	got, err := TimeFsync(dir, 5)
	if err != nil || got.N != 5 || got.Median <= 0 || got.Max < got.Median {
		t.Errorf("%+v, %v", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := TimeFsync(dir, 0); err == nil {
		t.Error("no writes were timed")
	}
	if _, err := TimeFsync(filepath.Join(dir, "none"), 1); err == nil {
		t.Error("timed a folder that is not there")
	}
}

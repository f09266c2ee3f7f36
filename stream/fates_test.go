package stream

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func writeFates(t *testing.T, lines ...FateLine) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewFateWriter(&b)
	for i := range lines {
		if err := w.Write(&lines[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readFates(data []byte) (lines []FateLine, err error) {
	err = ReadFates(bytes.NewReader(data), func(l *FateLine) error {
		lines = append(lines, *l)
		return nil
	})
	return lines, err
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

func TestFatesComeBackAsTheyWent(t *testing.T) {
	long := "https://a.example/" + strings.Repeat("x", 8<<10)
	want := []FateLine{
		{URL: "https://a.example/", Fate: FateCaptured, Kind: KindPage, Status: 200, How: "seed", Depth: 0, Tries: 1, Found: 1777863721007},
		{URL: long, Fate: FateFailed, Reason: FailDNS, Kind: KindFeed, How: "link", Depth: 99, Tries: 5, Found: -1, Via: long},
		{URL: "https://a.example/ä?b=c&d", Fate: FateWaiting},
		{},
	}
	got, err := readFates(writeFates(t, want...))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := readFates(writeFates(t)); err != nil || len(got) != 0 {
		t.Errorf("an empty list: %+v, %v", got, err)
	}
}

func TestBrokenListsOfFatesAreErrors(t *testing.T) {
	whole := writeFates(t, FateLine{URL: "https://a.example/", Fate: FateCaptured})
	for name, data := range map[string][]byte{
		"no gzip":          []byte("captured\t"),
		"nothing":          nil,
		"cut short":        whole[:len(whole)-5],
		"a field missing":  zipped("captured\t\t\t200\t\t\t\t\thttps://a.example/\n"),
		"a line too long":  zipped(strings.Repeat("x", 2<<20)),
		"no end of line\t": zipped("x"),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := readFates(data); err == nil {
				t.Errorf("got %+v", got)
			}
		})
	}
	stop := errors.New("stop")
	if err := ReadFates(bytes.NewReader(whole), func(*FateLine) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of the function: %v", err)
	}
}

func FuzzReadFates(f *testing.F) {
	f.Add("captured\t\tpage\t200\tlink\t1\t1\t1777863721007\thttps://a.example/\thttps://a.example/b\n")
	f.Add("\t\t\tx\t\t\t\t\t\t\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := readFates(zipped(text))
		if err != nil {
			return
		}
		if second, err := readFates(writeFates(t, first...)); err != nil || !slices.Equal(first, second) {
			t.Errorf("%+v, then %+v, %v", first, second, err)
		}
	})
}

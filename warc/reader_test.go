package warc

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

func testHeader(typ, id string) Header {
	h := Header{
		{FieldType, typ},
		{FieldRecordID, "<urn:uuid:" + id + ">"},
		{FieldDate, FormatDate(time.Date(2024, 5, 3, 18, 19, 8, 720000000, time.UTC))},
	}
	if typ != TypeWarcinfo {
		h.Add(FieldTargetURI, "http://example.com/"+id)
	}
	return h
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	var file bytes.Buffer
	w := NewWriter(&file)
	blocks := map[string][]byte{"a": []byte("HTTP/1.1 200 OK\r\n\r\nhello"), "b": {}, "c": bytes.Repeat([]byte("0123456789\r\n"), 20000)}
	type place struct{ offset, length int64 }
	var places []place
	for _, id := range []string{"a", "b", "c"} {
		offset, length, err := w.WriteRecord(testHeader(TypeResponse, id), bytes.NewReader(blocks[id]), int64(len(blocks[id])))
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, place{offset, length})
	}
	r := NewReader(&file)
	for i, id := range []string{"a", "b", "c"} {
		rec, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(rec.Block)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, blocks[id]) {
			t.Errorf("block of %s: %d bytes, want %d", id, len(got), len(blocks[id]))
		}
		if rec.Offset != places[i].offset || rec.MemberLength != places[i].length {
			t.Errorf("%s is at %d+%d, want %v", id, rec.Offset, rec.MemberLength, places[i])
		}
		if len(rec.Faults) > 0 {
			t.Errorf("%s: faults %v", id, rec.Faults)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last record: %v", err)
	}
}

// sound is a WARC file of n records, and what is in it by record id.
func sound(t testing.TB, n int) (file []byte, blocks map[string][]byte, ends []int) {
	t.Helper()
	blocks = map[string][]byte{}
	enc := NewEncoder(DefaultLevel)
	for i := range n {
		id := string(rune('a' + i))
		block := newsPage(200 + 300*i)
		var err error
		if file, err = enc.AppendMember(file, testHeader(TypeResponse, id), block); err != nil {
			t.Fatal(err)
		}
		blocks["<urn:uuid:"+id+">"] = block
		ends = append(ends, len(file))
	}
	return file, blocks, ends
}

func TestAFileCutAnywhereGivesItsWholeRecordsAndTellsOfTheCutOne(t *testing.T) {
	file, blocks, ends := sound(t, 4)
	for cut := range len(file) {
		whole, atEnd := 0, cut == 0
		for _, end := range ends {
			if end <= cut {
				whole++
			}
			atEnd = atEnd || end == cut
		}
		r := NewReader(bytes.NewReader(file[:cut]))
		got, told := 0, false
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				told = told || len(r.TrailingFaults()) > 0
				break
			}
			if errors.Is(err, ErrTruncated) {
				told = true
				continue
			}
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			block, err := io.ReadAll(rec.Block)
			for _, f := range rec.Faults {
				told = told || f.Class == FaultChecksum
			}
			if err != nil {
				told = told || errors.Is(err, ErrTruncated)
				continue
			}
			if !bytes.Equal(block, blocks[rec.ID()]) {
				t.Fatalf("cut at %d: %s has another block", cut, rec.ID())
			}
			got++
		}
		if got < whole || got > whole+1 || !told && !atEnd {
			t.Fatalf("cut at %d: %d records, %d are whole; told of the cut: %v", cut, got, whole, told)
		}
	}
}

func TestABlockThatNobodyReadsIsTruncatedAllTheSame(t *testing.T) {
	file, _, ends := sound(t, 3)
	broken := append(append([]byte{}, file[:ends[1]-30]...), file[ends[1]:]...)
	r := NewReader(bytes.NewReader(broken))
	var got []string
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var cut *TruncatedError
			if !errors.As(err, &cut) || cut.Offset != int64(ends[0]) {
				t.Fatal(err)
			}
			got = append(got, "cut")
			continue
		}
		got = append(got, rec.ID())
	}
	if len(got) != 4 || got[2] != "cut" || got[3] != "<urn:uuid:c>" {
		t.Errorf("read %v", got)
	}
}

// failing gives data, then an error.
type failing struct {
	data []byte
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	n := copy(p, f.data)
	f.data = f.data[n:]
	if n == 0 {
		return 0, f.err
	}
	return n, nil
}

func TestErrorsOfTheReaderBelowAreFinal(t *testing.T) {
	file, _, _ := sound(t, 2)
	broken := errors.New("disk on fire")
	for _, cut := range []int{0, 5, 50, 300, len(file) - 3} {
		r := NewReader(&failing{file[:cut], broken})
		var err error
		for err == nil {
			var rec *Record
			if rec, err = r.Next(); err == nil {
				_, err = io.ReadAll(rec.Block)
			}
		}
		if !errors.Is(err, broken) {
			t.Errorf("cut at %d: %v", cut, err)
		}
		if _, again := r.Next(); !errors.Is(again, broken) {
			t.Errorf("cut at %d, asked again: %v", cut, again)
		}
	}
}

// endless gives the same bytes for ever.
type endless struct{ line string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.line)
	}
	return n, nil
}

func TestAHeadWithoutEndIsTooLarge(t *testing.T) {
	in := io.MultiReader(strings.NewReader("WARC/1.1\r\n"), io.LimitReader(endless{"X-Field: value\r\n"}, 8<<20))
	if _, err := NewReader(in).Next(); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := NewReader(io.MultiReader(strings.NewReader("WARC/1.1\r\n"), io.LimitReader(endless{"x"}, 8<<20))).Next(); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestABlockOverTheLimitIsTooLarge(t *testing.T) {
	member, err := AppendMember(nil, testHeader(TypeResponse, "x"), make([]byte, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadMember(member, 999); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, block, err := ReadMember(member, 1000); err != nil || len(block) != 1000 {
		t.Error(err)
	}
}

func TestMemoryStaysBoundedOverABigBlock(t *testing.T) {
	const size = 64 << 20
	pr, pw := io.Pipe()
	go func() {
		_, err := NewEncoder(1).WriteMember(pw, testHeader(TypeResponse, "x"), io.LimitReader(endless{"0123456789abcdef"}, size), size)
		pw.CloseWithError(err)
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rec, err := NewReader(pr).Next()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, rec.Block); n != size || err != nil {
		t.Fatalf("%d bytes: %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes were allocated for a block of %d", used, size)
	}
}

func FuzzReader(f *testing.F) {
	for _, archive := range archives() {
		if len(archive) < 4000 {
			f.Add([]byte(archive))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first := describe(bytes.NewReader(data))
		if second := describe(&oneByteReader{bytes.NewReader(data)}); first != second {
			t.Fatalf("reads as\n%s, byte by byte as\n%s", first, second)
		}
		r := NewReader(bytes.NewReader(data))
		last := int64(-1)
		for range 2*len(data) + 10 {
			rec, err := r.Next()
			if errors.Is(err, ErrTruncated) || errors.Is(err, ErrTooLarge) {
				continue
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				return
			}
			if rec.Offset < last || rec.Offset >= int64(len(data)) {
				t.Fatalf("record at %d, after %d, of %d bytes", rec.Offset, last, len(data))
			}
			last = rec.Offset
		}
		t.Fatal("reading does not end")
	})
}

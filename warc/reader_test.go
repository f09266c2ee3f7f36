package warc

import (
	"bytes"
	"errors"
	"io"
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

package warc

import (
	"bytes"
	"io"
	"reflect"
	"testing"
)

// readSlowly reads a member's first record as Reader does.
func readSlowly(member []byte) (*Record, []byte, error) {
	rec, err := NewReader(bytes.NewReader(member)).Next()
	if err != nil {
		return nil, nil, err
	}
	block, err := io.ReadAll(rec.Block)
	rec.Block = nil
	return rec, block, err
}

func TestADecoderReadsAsAReaderDoes(t *testing.T) {
	var d Decoder
	for name, archive := range archives() {
		rec, block, err := d.ReadMember([]byte(archive), 1<<20)
		want, wantBlock, wantErr := readSlowly([]byte(archive))
		if !bytes.Equal(block, wantBlock) || (err == nil) != (wantErr == nil) || !reflect.DeepEqual(rec, want) {
			t.Errorf("%s: %+v, %v, want %+v, %v", name, rec, err, want, wantErr)
		}
	}
}

func FuzzReadMember(f *testing.F) {
	for _, archive := range archives() {
		if len(archive) < 2000 {
			f.Add([]byte(archive))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, member := range [][]byte{content, []byte(zip(string(content)))} {
			var d Decoder
			rec, block, ok := d.readSound(member, 1<<20)
			if !ok {
				continue
			}
			want, wantBlock, err := readSlowly(member)
			if err != nil || !bytes.Equal(block, wantBlock) || !reflect.DeepEqual(rec, want) {
				t.Fatalf("%+v, want %+v, %v", rec, want, err)
			}
		}
	})
}

func BenchmarkDecoder(b *testing.B) {
	member, err := AppendMember(nil, testHeader(TypeResponse, "x"), newsPage(64<<10))
	if err != nil {
		b.Fatal(err)
	}
	var d Decoder
	b.SetBytes(64 << 10)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := d.ReadMember(member, 1<<20); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	member, err := AppendMember(nil, testHeader(TypeResponse, "x"), newsPage(64<<10))
	if err != nil {
		b.Fatal(err)
	}
	r := NewReader(&endlessBytes{b: member})
	b.SetBytes(64 << 10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// endlessBytes gives the same bytes for ever.
type endlessBytes struct {
	b   []byte
	pos int
}

func (e *endlessBytes) Read(p []byte) (int, error) {
	n := copy(p, e.b[e.pos:])
	e.pos = (e.pos + n) % len(e.b)
	return n, nil
}

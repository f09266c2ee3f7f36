package warc

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var captureTime = time.Date(2024, 5, 3, 18, 19, 8, 720_123_456, time.UTC)

// responseMember is a response record with digests, and its parts.
func responseMember(t testing.TB, block string) (member []byte, h Header) {
	t.Helper()
	msg, _ := ParseHTTPBlock([]byte(block))
	h = ResponseHeader(Capture{
		RecordID: RecordIDFor("response"), TargetURI: "http://example.com/a?b", Date: captureTime,
		IP: netip.MustParseAddr("::ffff:192.0.2.1"), ConcurrentTo: []string{RecordIDFor("request")},
		WarcinfoID: RecordIDFor("info"), Protocols: []string{"http/1.1", "tls/1.3"}, CipherSuite: "TLS_AES_128_GCM_SHA256",
		BlockDigest: Sum(SHA1, []byte(block)), PayloadDigest: Sum(SHA1, msg.Payload([]byte(block))),
	})
	member, err := AppendMember(nil, h, []byte(block))
	if err != nil {
		t.Fatal(err)
	}
	return member, h
}

var earlier = Reference{RecordID: RecordIDFor("earlier"), TargetURI: "http://example.com/first", Date: captureTime.Add(-time.Hour)}

func TestAResponseIsRewrittenAsARevisit(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n"
	member, response := responseMember(t, head+strings.Repeat("the same old story\n", 9000))
	revisit, err := RewriteAsRevisit(NewEncoder(DefaultLevel), member, earlier)
	if err != nil {
		t.Fatal(err)
	}
	rec, block, err := ReadMember(revisit, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if string(block) != head {
		t.Errorf("block is %q", block)
	}
	for name, want := range map[string]string{
		FieldType:              TypeRevisit,
		FieldRecordID:          response.Get(FieldRecordID),
		FieldDate:              "2024-05-03T18:19:08.720123Z",
		FieldTargetURI:         "http://example.com/a?b",
		FieldIPAddress:         "192.0.2.1",
		FieldConcurrentTo:      RecordIDFor("request"),
		FieldProfile:           ProfileIdenticalPayload,
		FieldRefersTo:          earlier.RecordID,
		FieldRefersToTargetURI: earlier.TargetURI,
		FieldRefersToDate:      "2024-05-03T17:19:08.720123Z",
		FieldPayloadDigest:     response.Get(FieldPayloadDigest),
		FieldBlockDigest:       string(Sum(SHA1, []byte(head))),
		FieldTruncated:         TruncatedLength,
		FieldContentType:       ContentTypeResponse,
		FieldContentLength:     fmt.Sprint(len(head)),
	} {
		if got := rec.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := rec.Header.Values(FieldProtocol); len(got) != 2 {
		t.Errorf("protocols are %q", got)
	}
	if err := VerifyBlockDigest(rec, block); err != nil {
		t.Error(err)
	}
	if err := VerifyPayloadDigest(rec, block); !errors.Is(err, ErrNoDigest) {
		t.Error(err)
	}
}

func TestARevisitOfAnEmptyPayloadIsNotTruncated(t *testing.T) {
	member, _ := responseMember(t, "HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n")
	revisit, err := RewriteAsRevisit(NewEncoder(1), member, earlier)
	if err != nil {
		t.Fatal(err)
	}
	if rec, _, err := ReadMember(revisit, 1<<20); err != nil || rec.Header.Has(FieldTruncated) {
		t.Errorf("%v, %v", rec.Header, err)
	}
}

func TestANotModifiedAnswerBecomesARevisit(t *testing.T) {
	member, _ := responseMember(t, "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n")
	ref := earlier
	ref.PayloadDigest = Sum(SHA1, []byte("the payload of then"))
	revisit, err := RewriteAsNotModified(NewEncoder(1), member, ref)
	if err != nil {
		t.Fatal(err)
	}
	rec, _, err := ReadMember(revisit, 1<<20)
	if err != nil || rec.Header.Get(FieldProfile) != ProfileServerNotModified || Digest(rec.Header.Get(FieldPayloadDigest)) != ref.PayloadDigest {
		t.Errorf("%v, %v", rec.Header, err)
	}
}

func TestALongHTTPHeadIsKeptWhole(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 300_000) + "\r\n\r\n"
	member, _ := responseMember(t, head+"body")
	revisit, err := RewriteAsRevisit(NewEncoder(1), member, earlier)
	if err != nil {
		t.Fatal(err)
	}
	if _, block, err := ReadMember(revisit, 1<<20); err != nil || string(block) != head {
		t.Errorf("%d bytes, %v", len(block), err)
	}
}

func TestOnlyResponsesAreRewritten(t *testing.T) {
	enc := NewEncoder(1)
	request, _ := AppendMember(nil, RequestHeader(Capture{RecordID: RecordIDFor("r"), TargetURI: "http://a/", Date: captureTime, PayloadDigest: Sum(SHA1)}), []byte("GET / HTTP/1.1\r\n\r\n"))
	old, _ := responseMember(t, "no head at all")
	bare, _ := AppendMember(nil, ResponseHeader(Capture{RecordID: RecordIDFor("r"), TargetURI: "http://a/", Date: captureTime}), []byte("HTTP/1.1 200 OK\r\n\r\n"))
	for name, c := range map[string]struct {
		member []byte
		want   error
	}{
		"a request":                 {request, ErrNotResponse},
		"a block without HTTP head": {old, ErrNotResponse},
		"no payload digest":         {bare, ErrNoDigest},
		"nothing":                   {nil, ErrNotResponse},
		"half a member":             {bare[:len(bare)/2], ErrTruncated},
	} {
		if out, err := RewriteAsRevisit(enc, c.member, earlier); !errors.Is(err, c.want) || out != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDigestsAreEqualHoweverSpelled(t *testing.T) {
	for a, want := range map[Digest]bool{
		"sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ":          true,
		"SHA1:3i42h3s6nnfq2msvx7xzkyayscx5qbyj":          true,
		"sha-1:da39a3ee5e6b4b0d3255bfef95601890afd80709": true,
		"sha1:DA39A3EE5E6B4B0D3255BFEF95601890AFD80709":  true,
		"sha1:da39a3ee5e6b4b0d3255bfef95601890afd80708":  false,
		"sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBY":           false,
		"md5:d41d8cd98f00b204e9800998ecf8427e":           false,
		"3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ":               false,
		"crc32:00000000":                                 false,
		"sha256:" + Digest(strings.Repeat("0", 64)):      false,
	} {
		if got := Sum(SHA1).Equal(a); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
	if got := Sum(SHA256, []byte("a"), []byte("b")); got != "sha256:fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603" {
		t.Error(got)
	}
}

func TestAWrongDigestIsToldWithBothValues(t *testing.T) {
	body := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	_, h := responseMember(t, body)
	rec := &Record{Header: h}
	if err := errors.Join(VerifyBlockDigest(rec, []byte(body)), VerifyPayloadDigest(rec, []byte(body))); err != nil {
		t.Error(err)
	}
	if got := Digest(h.Get(FieldPayloadDigest)); got != Sum(SHA1, []byte("hello")) {
		t.Errorf("the payload digest is over the chunk framing: %s", got)
	}
	var wrong *DigestError
	if err := VerifyBlockDigest(rec, []byte("other")); !errors.As(err, &wrong) || wrong.Computed != Sum(SHA1, []byte("other")) || wrong.Expected != Sum(SHA1, []byte(body)) {
		t.Error(err)
	}
	if err := VerifyBlockDigest(&Record{}, nil); !errors.Is(err, ErrNoDigest) {
		t.Error(err)
	}
}

func TestRecordIDsAreUUIDs(t *testing.T) {
	id, err := NewRecordID(bytes.NewReader(bytes.Repeat([]byte{0xff}, 16)))
	if err != nil || id != "<urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff>" {
		t.Errorf("%s, %v", id, err)
	}
	if _, err := NewRecordID(strings.NewReader("short")); err == nil {
		t.Error("too little randomness was taken")
	}
	if a, b := RecordIDFor("a"), RecordIDFor("b"); a == b || a != RecordIDFor("a") || a[24] != '5' {
		t.Errorf("%s, %s", a, b)
	}
}

func TestDatesOfEveryGranularityAreRead(t *testing.T) {
	for s, want := range map[string]string{
		"2024":                           "2024-01-01T00:00:00.000000Z",
		"2024-05":                        "2024-05-01T00:00:00.000000Z",
		"2024-05-03":                     "2024-05-03T00:00:00.000000Z",
		"2024-05-03T18:19Z":              "2024-05-03T18:19:00.000000Z",
		"2024-05-03T18:19:08Z":           "2024-05-03T18:19:08.000000Z",
		"2024-05-03T18:19:08.7Z":         "2024-05-03T18:19:08.700000Z",
		"2024-05-03T18:19:08.123456789Z": "2024-05-03T18:19:08.123456Z",
		"2024-05-03T18:19:08+02:00":      "2024-05-03T16:19:08.000000Z",
		"20240503181908":                 "2024-05-03T18:19:08.000000Z",
		"2024-05-03T18:19:08":            "2024-05-03T18:19:08.000000Z",
	} {
		if got, err := ParseDate(s); err != nil || FormatDate(got) != want {
			t.Errorf("%s: %s, %v", s, FormatDate(got), err)
		}
	}
	for _, s := range []string{"", "today", "2024-13-01", "2024-05-03T18:19:08Zjunk"} {
		if got, err := ParseDate(s); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func FuzzRewriteAsRevisit(f *testing.F) {
	member, h := responseMember(f, "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody")
	f.Add(member)
	plain, _ := AppendHead(nil, h, 23)
	f.Add(append(plain, "HTTP/1.1 200 OK\r\n\r\nbody"...))
	enc := NewEncoder(1)
	f.Fuzz(func(t *testing.T, member []byte) {
		out, err := RewriteAsRevisit(enc, member, earlier)
		if err != nil {
			return
		}
		rec, block, err := ReadMember(out, maxHTTPHead)
		if err != nil || rec.Type() != TypeRevisit || len(rec.Faults) > 0 {
			t.Fatalf("%v: %v", rec, err)
		}
		if err := VerifyBlockDigest(rec, block); err != nil {
			t.Fatal(err)
		}
	})
}

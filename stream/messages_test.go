package stream

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"newsreel/article"
	"newsreel/capture"
)

// read makes the entry that a reader gets of a message.
func readBack(t *testing.T, m *nats.Msg, seq uint64) Entry {
	t.Helper()
	class, p, err := SplitSubject(m.Subject)
	if err != nil {
		t.Fatal(err)
	}
	return Entry{Class: class, Partition: p, Sequence: seq, Header: m.Header, Data: m.Data}
}

func TestCapturesComeBackAsTheyWent(t *testing.T) {
	port := int32(8080)
	long := "https://a.example/?" + strings.Repeat("&", 12<<10)
	for name, c := range map[string]Capture{
		"inline": {Row: capture.Row{CaptureID: "id", URL: "https://a.example/?a&b<c>", URLPort: &port, FetchStatus: 200, OptOuts: []string{"tdm"}},
			Due: true, ResponseLen: 3, RequestLen: 2, Fragment: []byte("abcde")},
		"without a request": {Row: capture.Row{CaptureID: "id"}, ResponseLen: 1, Fragment: []byte("a")},
		"staged":            {Row: capture.Row{CaptureID: "id"}, ResponseLen: 1 << 31, RequestLen: 7, Staged: "staging/x/id-1"},
		"of a long row":     {Row: capture.Row{CaptureID: "id", URL: long, ViaURL: long, URLQuery: long}, ResponseLen: 1, RequestLen: 1, Fragment: []byte("ab")},
		"staged, of a long row": {Row: capture.Row{CaptureID: "id", URL: long, ViaURL: long, URLQuery: long}, ResponseLen: 5,
			Staged: "staging/x/id-1"},
	} {
		t.Run(name, func(t *testing.T) {
			c.Partition = 7
			m, err := c.message("J_a_1")
			if err != nil {
				t.Fatal(err)
			}
			head := 0
			for k, v := range m.Header {
				head += len(k) + len(v[0])
			}
			if head > maxHeaders/2+1000 {
				t.Errorf("%d bytes of headers", head)
			}
			got, err := ParseCapture(readBack(t, m, 12))
			if err != nil {
				t.Fatal(err)
			}
			c.Sequence = 12
			if len(got.Fragment) == 0 {
				got.Fragment = nil
			}
			if !reflect.DeepEqual(*got, c) {
				t.Errorf("got %+v\nwant %+v", *got, c)
			}
		})
	}
}

func TestBrokenCapturesAreErrors(t *testing.T) {
	good := func() Entry {
		return Entry{Class: ClassCapture, Sequence: 3, Data: []byte("abc"),
			Header: nats.Header{HeaderRow: {"{}"}, HeaderMembers: {"2,1"}}}
	}
	if _, err := ParseCapture(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Entry){
		"no row":                      func(e *Entry) { delete(e.Header, HeaderRow) },
		"a row that is no JSON":       func(e *Entry) { e.Header.Set(HeaderRow, "{") },
		"no members":                  func(e *Entry) { delete(e.Header, HeaderMembers) },
		"one member":                  func(e *Entry) { e.Header.Set(HeaderMembers, "3") },
		"members that are no numbers": func(e *Entry) { e.Header.Set(HeaderMembers, "2,x") },
		"negative members":            func(e *Entry) { e.Header.Set(HeaderMembers, "4,-1") },
		"other bytes than members":    func(e *Entry) { e.Data = e.Data[:2] },
		"a row longer than the body":  func(e *Entry) { e.Header.Set(HeaderRowBytes, "4") },
		"a row of negative length":    func(e *Entry) { e.Header.Set(HeaderRowBytes, "-1") },
		"a row of no length":          func(e *Entry) { e.Header.Set(HeaderRowBytes, "x") },
	} {
		t.Run(name, func(t *testing.T) {
			e := good()
			spoil(&e)
			if c, err := ParseCapture(e); err == nil || !strings.Contains(err.Error(), "message 3") {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func FuzzParseCapture(f *testing.F) {
	f.Add(`{"id":"a"}`, "2,1", "", "", []byte("abc"))
	f.Add("", "0,0", "10", "", []byte(`{"id":"a"}`))
	f.Add("", "9,9", "2", "staging/x", []byte(`{}`))
	f.Fuzz(func(t *testing.T, row, members, rowBytes, staged string, body []byte) {
		e := Entry{Data: body, Header: nats.Header{HeaderRow: {row}, HeaderMembers: {members}, HeaderRowBytes: {rowBytes}, HeaderStaged: {staged}}}
		c, err := ParseCapture(e)
		if err != nil {
			return
		}
		if c.Staged == "" && c.ResponseLen+c.RequestLen != len(c.Fragment) {
			t.Errorf("members %d and %d of %d bytes", c.ResponseLen, c.RequestLen, len(c.Fragment))
		}
		if c.ResponseLen < 0 || c.RequestLen < 0 {
			t.Errorf("members %d and %d", c.ResponseLen, c.RequestLen)
		}
		if m, err := c.message("J_a_1"); err != nil {
			t.Error(err)
		} else if again, err := ParseCapture(readBack(t, m, 0)); err != nil || again.Row.URL != c.Row.URL {
			t.Errorf("again: %+v, %v", again, err)
		}
	})
}

func TestResultsComeBackAsTheyWent(t *testing.T) {
	for name, r := range map[string]Result{
		"an article":           {Kind: ResultArticle, Article: &article.Article{ID: "a", Headline: "<H> & t"}},
		"none":                 {Kind: ResultNone},
		"none, and what it is": {Kind: ResultNone, Article: &article.Article{Kind: "index"}},
		"failed":               {Kind: ResultFailed, Error: "bad\npage"},
	} {
		t.Run(name, func(t *testing.T) {
			r.CaptureID, r.Partition = "id", 5
			m, err := r.message("J_a_1")
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseResult(readBack(t, m, 9))
			want := r
			want.body, got.body = nil, nil
			if want.Sequence = 9; err != nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
			body, err := r.Body()
			if err != nil {
				t.Fatal(err)
			}
			r.Staged = "staging/x"
			if m, err = r.message("J_a_1"); err != nil || len(m.Data) != 0 {
				t.Fatalf("staged with %d bytes, %v", len(m.Data), err)
			}
			if got, err = ParseResult(readBack(t, m, 9)); err != nil || got.Article != nil || got.Staged != r.Staged {
				t.Fatalf("staged: %+v, %v", got, err)
			}
			want.Staged = r.Staged
			err = got.ReadBody(body)
			if got.body = nil; err != nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("staged: %+v, %v", got, err)
			}
		})
	}
	for name, e := range map[string]Entry{
		"an unknown kind":        {Header: nats.Header{HeaderResult: {"maybe"}}, Data: []byte("{}")},
		"a body that is no JSON": {Header: nats.Header{HeaderResult: {ResultNone}}, Data: []byte("{")},
	} {
		if r, err := ParseResult(e); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestControlAndClaimsComeBackAsTheyWent(t *testing.T) {
	want := Control{Type: ControlDocument, Reason: "r", URL: "u", Document: json.RawMessage(`{"a":1}`), By: "b", Time: moment}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseControl(Entry{Data: data}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := ParseControl(Entry{Data: []byte("[]")}); err == nil {
		t.Error("a control message that is a list was read")
	}
	claim := Ownership{Crawler: "c", Released: true, Time: moment}
	if data, err = json.Marshal(claim); err != nil {
		t.Fatal(err)
	}
	claim.Sequence = 4
	if got, err := ParseOwnership(Entry{Data: data, Sequence: 4}); err != nil || got != claim {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSubjects(t *testing.T) {
	name := StreamName("my-job", 12)
	if name != "J_my-job_12" || !strings.HasPrefix(StagedKey(name, "id", "a1"), StagingPrefix(name)) || StagedKey(name, "id", "a1") != "staging/J_my-job_12/id-a1" {
		t.Errorf("names %s, %s", name, StagedKey(name, "id", "a1"))
	}
	for _, class := range []string{ClassOwn, ClassIn, ClassLog, ClassCapture, ClassResult} {
		for _, p := range []int{0, 1, 63} {
			if c, got, err := SplitSubject(Subject(name, class, p)); err != nil || c != class || got != p {
				t.Errorf("%s.%d: %s.%d, %v", class, p, c, got, err)
			}
		}
		if got := ClassFilter(name, class); got != name+"."+class+".*" {
			t.Errorf("filter %s", got)
		}
	}
	if c, p, err := SplitSubject(ControlSubject(name)); err != nil || c != ClassControl || p != -1 || ClassFilter(name, c) != name+".ctl" {
		t.Errorf("ctl: %s, %d, %v", c, p, err)
	}
	for _, s := range []string{"", "J", "J.cap", "J.cap.64", "J.cap.-1", "J.cap.x", "J.cap.1.2", "J.ctl.x"} {
		if c, p, err := SplitSubject(s); err == nil {
			t.Errorf("%q is %s.%d", s, c, p)
		}
	}
}

// A domain's partition is part of the stored format.
func TestPartitionsNeverChange(t *testing.T) {
	seen := map[int]bool{}
	for i := range 2000 {
		p := PartitionOf("d" + strconv.Itoa(i) + ".example")
		if p < 0 || p >= Partitions {
			t.Fatalf("partition %d", p)
		}
		seen[p] = true
	}
	if len(seen) != Partitions {
		t.Errorf("%d partitions of 2,000 domains", len(seen))
	}
	for domain, want := range map[string]int{"": 5, "example.org": 49, "bbc.co.uk": 12, "xn--bcher-kva.example": 20,
		"192.0.2.1": 24, "2001:db8::1": 7, "localhost": 58, "nytimes.com": 37} {
		if got := PartitionOf(domain); got != want {
			t.Errorf("%q: %d, want %d", domain, got, want)
		}
	}
}

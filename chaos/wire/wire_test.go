package wire

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask makes a request over a new connection, in a second at most.
func ask(w *Wire) (status int, took time.Duration, err error) {
	began := time.Now()
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + w.Addr())
	if err != nil {
		return 0, time.Since(began), err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, time.Since(began), err
}

func TestAWireIsAsBadAsItIsSet(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "well") }))
	defer server.Close()
	w, err := New(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, c := range []struct {
		name   string
		way    int32
		status int
		least  time.Duration
	}{
		{"good", Good, 200, 0}, {"refused", Refused, 0, 0}, {"dark", Dark, 0, time.Second}, {"slow", Slow, 200, slowness},
		{"busy", Busy, 503, 0}, {"good again", Good, 200, 0},
	} {
		w.Set(c.way)
		if status, took, err := ask(w); status != c.status || took < c.least || (err == nil) != (status != 0) {
			t.Errorf("%s: status %d in %s, %v", c.name, status, took, err)
		}
	}
}

func TestCutEndsWhatStands(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w, err := New(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	near, err := net.Dial("tcp4", w.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	w.Cut()
	for _, c := range []net.Conn{near, far} {
		if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
			t.Errorf("the connection stands: %v", err)
		}
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

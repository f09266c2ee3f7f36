package warc_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"newsreel/warc"
)

// A response is written as one gzip member and read back.
func Example() {
	var file bytes.Buffer
	block := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hello</p>")
	msg, err := warc.ParseHTTPBlock(block)
	if err != nil {
		fmt.Println(err)
		return
	}
	head := warc.ResponseHeader(warc.Capture{
		RecordID:      warc.RecordIDFor("example"),
		TargetURI:     "http://example.com/",
		Date:          time.Date(2024, 5, 3, 18, 19, 8, 0, time.UTC),
		BlockDigest:   warc.Sum(warc.SHA1, block),
		PayloadDigest: warc.Sum(warc.SHA1, msg.Payload(block)),
	})
	if _, _, err := warc.NewWriter(&file).WriteRecord(head, bytes.NewReader(block), int64(len(block))); err != nil {
		fmt.Println(err)
		return
	}

	r := warc.NewReader(&file)
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err) // a record cut short: reading goes on
			continue
		}
		block, err := rec.ReadBlock(64 << 20)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(rec.Type(), rec.TargetURI(), len(block), warc.VerifyPayloadDigest(rec, block))
	}
	// Output: response http://example.com/ 56 <nil>
}

package cdxj

import (
	"strings"

	"newsreel/warc"
)

// FromRecord returns the line of a response or revisit record; ok is false for
// records of other types, which have none. http is the head of the message in
// its block. Length is known only if the record's block was read to its end.
func FromRecord(rec *warc.Record, http warc.HTTPBlock, filename string) (line Line, ok bool) {
	line = FromHeader(rec.Header, http)
	line.Offset, line.Length, line.Filename = rec.Offset, rec.MemberLength, filename
	typ := rec.Type()
	return line, typ == warc.TypeResponse || typ == warc.TypeRevisit
}

// FromHeader returns a record's line without the record's place.
func FromHeader(h warc.Header, http warc.HTTPBlock) Line {
	uri := warc.TargetURI(h)
	line := Line{
		SURT:      SURT(uri),
		Timestamp: timestamp(h.Get(warc.FieldDate)),
		URL:       uri,
		Status:    http.Status,
		Digest:    warc.Digest(h.Get(warc.FieldPayloadDigest)),
	}
	if strings.EqualFold(h.Get(warc.FieldType), warc.TypeRevisit) {
		line.MIME = RevisitMIME
	} else {
		mime, _, _ := strings.Cut(http.Header.Get("Content-Type"), ";")
		line.MIME = strings.TrimSpace(mime)
	}
	return line
}

// timestamp writes a WARC-Date in 14 digits. One that cannot be read is what
// digits there are.
func timestamp(date string) string {
	if t, err := warc.ParseDate(date); err == nil {
		return t.Format("20060102150405")
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, date)
	return digits[:min(14, len(digits))]
}

package warc

import (
	"net/netip"
	"strings"
	"time"
)

// Capture is what the heads of an exchange's records say. Fields at their zero
// value are left out of the head.
type Capture struct {
	RecordID      string // `<urn:uuid:…>`
	TargetURI     string // written by EncodeURI
	Date          time.Time
	IP            netip.Addr // of the server, as dialled
	ConcurrentTo  []string   // record ids
	WarcinfoID    string
	Truncated     string // a reason, TruncatedLength and so on
	BlockDigest   Digest
	PayloadDigest Digest
	Protocols     []string // such as "http/1.1", "tls/1.3": a field each
	CipherSuite   string   // IANA's name
	PayloadType   string   // WARC-Identified-Payload-Type: the sniffed media type
}

// RequestHeader returns the head of the capture's request record.
func RequestHeader(c Capture) Header { return c.header(TypeRequest, ContentTypeRequest) }

// ResponseHeader returns the head of the capture's response record.
func ResponseHeader(c Capture) Header { return c.header(TypeResponse, ContentTypeResponse) }

// ResourceHeader returns the head of a resource record of the given media type.
func ResourceHeader(c Capture, contentType string) Header {
	return c.header(TypeResource, contentType)
}

// MetadataHeader returns the head of a metadata record whose block is made by
// FieldsBlock.
func MetadataHeader(c Capture) Header { return c.header(TypeMetadata, ContentTypeFields) }

func (c Capture) header(typ, contentType string) Header {
	h := make(Header, 0, 14+len(c.Protocols)+len(c.ConcurrentTo))
	h.Add(FieldType, typ)
	h.Add(FieldRecordID, c.RecordID)
	h.Add(FieldDate, FormatDate(c.Date))
	add := func(name, value string) {
		if value != "" {
			h.Add(name, value)
		}
	}
	add(FieldTargetURI, EncodeURI(c.TargetURI))
	if c.IP.IsValid() {
		h.Add(FieldIPAddress, c.IP.Unmap().WithZone("").String())
	}
	for _, id := range c.ConcurrentTo {
		add(FieldConcurrentTo, id)
	}
	add(FieldWarcinfoID, c.WarcinfoID)
	for _, protocol := range c.Protocols {
		add(FieldProtocol, protocol)
	}
	add(FieldCipherSuite, c.CipherSuite)
	add(FieldTruncated, c.Truncated)
	add(FieldPayloadType, c.PayloadType)
	add(FieldPayloadDigest, string(c.PayloadDigest))
	add(FieldBlockDigest, string(c.BlockDigest))
	h.Add(FieldContentType, contentType)
	return h
}

// EncodeURI percent-encodes the bytes that no URI may hold (RFC 3986): those
// outside of ASCII, blanks and control characters. Other readers take values
// outside of ASCII for ISO 8859-1.
func EncodeURI(uri string) string {
	if isURI(uri) {
		return uri
	}
	const hexDigits = "0123456789ABCDEF"
	out := make([]byte, 0, len(uri)+16)
	for i := 0; i < len(uri); i++ {
		if c := uri[i]; uriByte(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(out)
}

// isURI reports whether s has only bytes that a URI may hold.
func isURI(s string) bool {
	for i := 0; i < len(s); i++ {
		if !uriByte(s[i]) {
			return false
		}
	}
	return true
}

func uriByte(c byte) bool { return c > ' ' && c < 0x7f }

// Warcinfo returns head and block of the record that opens a WARC file. The
// fields describe what made it (`software`, `robots`, `operator` and so on);
// filename is the file's own name without folders.
func Warcinfo(fields []Field, filename, id string, date time.Time) (Header, []byte) {
	block := FieldsBlock(fields)
	h := Capture{RecordID: id, Date: date, BlockDigest: Sum(SHA1, block)}.header(TypeWarcinfo, ContentTypeFields)
	if filename != "" {
		h.Add(FieldFilename, filename)
	}
	return h, block
}

// FieldsBlock writes fields as application/warc-fields. Line ends within a
// value become blanks.
func FieldsBlock(fields []Field) []byte {
	lineEnds := strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ")
	var block []byte
	for _, f := range fields {
		block = append(block, f.Name...)
		block = append(block, ": "...)
		block = append(block, lineEnds.Replace(f.Value)...)
		block = append(block, "\r\n"...)
	}
	return block
}

// ParseFields reads an application/warc-fields block, as leniently as the head
// of a record is read.
func ParseFields(block []byte) []Field {
	h, _ := parseFields(block, 0)
	return h
}

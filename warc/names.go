// Package warc reads and writes web archives in the WARC format (ISO
// 28500:2017, WARC/1.1): records, one gzip member each, their digests, and the
// HTTP messages inside them. Writing is strict, reading is lenient and tells
// what it forgave. The package knows nothing of crawling.
package warc

// Types of records (WARC/1.1, WARC record types).
const (
	TypeWarcinfo     = "warcinfo"
	TypeResponse     = "response"
	TypeResource     = "resource"
	TypeRequest      = "request"
	TypeMetadata     = "metadata"
	TypeRevisit      = "revisit"
	TypeConversion   = "conversion"
	TypeContinuation = "continuation"
)

// Names of fields (WARC/1.1, named fields; WARC-Protocol and
// WARC-Cipher-Suite are published extensions of the IIPC).
const (
	FieldType              = "WARC-Type"
	FieldRecordID          = "WARC-Record-ID"
	FieldDate              = "WARC-Date"
	FieldContentLength     = "Content-Length"
	FieldContentType       = "Content-Type"
	FieldConcurrentTo      = "WARC-Concurrent-To"
	FieldBlockDigest       = "WARC-Block-Digest"
	FieldPayloadDigest     = "WARC-Payload-Digest"
	FieldIPAddress         = "WARC-IP-Address"
	FieldRefersTo          = "WARC-Refers-To"
	FieldRefersToTargetURI = "WARC-Refers-To-Target-URI"
	FieldRefersToDate      = "WARC-Refers-To-Date"
	FieldTargetURI         = "WARC-Target-URI"
	FieldTruncated         = "WARC-Truncated"
	FieldWarcinfoID        = "WARC-Warcinfo-ID"
	FieldFilename          = "WARC-Filename"
	FieldProfile           = "WARC-Profile"
	FieldPayloadType       = "WARC-Identified-Payload-Type"
	FieldProtocol          = "WARC-Protocol"
	FieldCipherSuite       = "WARC-Cipher-Suite"
)

// Content types of record blocks.
const (
	ContentTypeRequest  = "application/http; msgtype=request"
	ContentTypeResponse = "application/http; msgtype=response"
	ContentTypeFields   = "application/warc-fields"
)

// Reasons for WARC-Truncated (WARC/1.1, WARC-Truncated).
const (
	TruncatedLength      = "length"
	TruncatedTime        = "time"
	TruncatedDisconnect  = "disconnect"
	TruncatedUnspecified = "unspecified"
)

// Profiles of revisit records (WARC/1.1, WARC-Profile).
const (
	ProfileIdenticalPayload  = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	ProfileServerNotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

// Version is the version line of the records that this package writes.
const Version = "WARC/1.1"
